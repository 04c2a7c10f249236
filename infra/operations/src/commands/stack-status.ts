import type { RunSummary } from "../engine/run-summary.ts";
import type { Output } from "../output/output.ts";
import { toSeconds } from "../output/table.ts";
import type { StackEntry } from "../stacks/stack-list.ts";

/** What is shown of stacks while they run. */
export interface StackStatus {
  begin(entry: StackEntry): void;
  update(entry: StackEntry, summary: RunSummary): void;
  remove(entry: StackEntry): void;
  end(): void;
}

export interface StatusOptions {
  readonly stackCount: number;
  readonly output: Output;
  /** A stack that runs longer gets a line each time so much has passed. */
  readonly tellEverySeconds: number;
}

interface RunningStack {
  readonly startedMs: number;
  readonly timer: NodeJS.Timeout;
  summary: RunSummary | undefined;
}

/** A line that moves where there is a screen, and one that stays for each long while. */
export function createStatus({ stackCount, output, tellEverySeconds }: StatusOptions): StackStatus {
  const running = new Map<StackEntry, RunningStack>();
  let endedCount = 0;
  const draw = (): void => {
    const parts = [...running].map(
      ([{ name }, { summary }]) =>
        `${name} ${summary?.doneCount ?? 0} of ${summary?.seenCount ?? 0}`,
    );
    output.setStatus(`  ${endedCount} of ${stackCount} stacks · ${parts.join(" · ")}`);
  };
  return {
    begin(entry) {
      const startedMs = performance.now();
      const timer = setInterval(() => {
        const took = toSeconds((performance.now() - startedMs) / 1000).padStart(9);
        const { summary } = running.get(entry) ?? {};
        output.say(`waits   ${entry.name.padEnd(nameWidth)}${took}  ${describeWait(summary)}`);
      }, tellEverySeconds * 1000);
      running.set(entry, { startedMs, timer, summary: undefined });
      draw();
    },
    update(entry, summary) {
      const stack = running.get(entry);
      if (stack !== undefined) {
        stack.summary = summary;
        draw();
      }
    },
    remove(entry) {
      clearInterval(running.get(entry)?.timer);
      running.delete(entry);
      endedCount += 1;
      draw();
    },
    end() {
      for (const { timer } of running.values()) {
        clearInterval(timer);
      }
      output.setStatus(undefined);
    },
  };
}

/** Names of stacks stand in a column. */
export const nameWidth = 32;

/** Which object is waited for, the oldest first, and how far the rest is. */
export function describeWait(summary: RunSummary | undefined): string {
  if (summary === undefined || summary.seenCount === 0) {
    return "for the engine and its program to begin";
  }
  const { running, doneCount, seenCount } = summary;
  const done = `${doneCount} of ${seenCount} done`;
  const [first, ...others] = running;
  if (first === undefined) {
    // Rules about whole stacks run when all is done and look at everything: at the end there is a silence.
    return doneCount === seenCount
      ? `for the program, then for the policy pack's rules about the whole stack, ${done}`
      : `for the program and the policy pack, ${done}`;
  }
  const note = first.note === undefined ? "" : ` (${first.note.split("\n")[0] ?? ""})`;
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return `for ${first.name}${note}${rest}, ${done}`;
}
