import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isRunning, markProcess, type ProcessMark } from "./processes.ts";

const pollMs = 200;

interface Turn {
  readonly holder: ProcessMark | undefined;
}

/**
 * Runs `work` while no other process runs under the same lock; a holder that has died holds nothing.
 *
 * The lock is a folder of numbered turns. Whoever makes turn n+1 after turn n has ended holds the
 * lock: a file of that name can be made once only, and an ended turn never starts again, so there is no
 * moment at which two could take over from the same dead holder.
 */
export async function withLock<T>(
  directory: string,
  options: { readonly onWait?: (pid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(directory, { recursive: true });
  let hasSaidSo = false;
  for (;;) {
    const taken = tryTake(directory);
    if (taken.kind === "taken") {
      try {
        return await work();
      } finally {
        writeTurn(directory, taken.number, { holder: undefined });
      }
    }
    if (!hasSaidSo && taken.pid !== undefined) {
      hasSaidSo = true;
      options.onWait?.(taken.pid);
    }
    await wait(pollMs);
  }
}

type Attempt =
  | { readonly kind: "taken"; readonly number: number }
  | { readonly kind: "held"; readonly pid: number | undefined };

function tryTake(directory: string): Attempt {
  const last = lastTurn(directory);
  const holder = last === 0 ? undefined : readTurn(directory, last).holder;
  if (holder !== undefined && isRunning(holder)) {
    return { kind: "held", pid: holder.pid };
  }
  const number = last + 1;
  if (!makeTurn(directory, number)) {
    return { kind: "held", pid: undefined };
  }
  // Slower than the rest, this process may have made a turn that was over and tidied away already.
  if (lastTurn(directory) > number) {
    rmSync(turnPath(directory, number), { force: true });
    return { kind: "held", pid: undefined };
  }
  for (const old of turns(directory).filter((turn) => turn < number)) {
    rmSync(turnPath(directory, old), { force: true });
  }
  return { kind: "taken", number };
}

function turns(directory: string): readonly number[] {
  return readdirSync(directory)
    .filter((name) => /^turn-\d+$/.test(name))
    .map((name) => Number(name.slice("turn-".length)));
}

function lastTurn(directory: string): number {
  return Math.max(0, ...turns(directory));
}

function turnPath(directory: string, turn: number): string {
  return join(directory, `turn-${turn}`);
}

function readTurn(directory: string, turn: number): Turn {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by writeTurn and makeTurn only, whole
    return JSON.parse(readFileSync(turnPath(directory, turn), "utf8")) as Turn;
  } catch {
    // Tidied away by whoever holds a later turn: the next look at the folder finds that one.
    return { holder: undefined };
  }
}

/** Whole or not at all: the content is there before the name is. False where the turn exists. */
function makeTurn(directory: string, turn: number): boolean {
  const draft = writeDraft(directory, { holder: markProcess(process.pid) });
  try {
    linkSync(draft, turnPath(directory, turn));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeTurn(directory: string, turn: number, content: Turn): void {
  renameSync(writeDraft(directory, content), turnPath(directory, turn));
}

function writeDraft(directory: string, content: Turn): string {
  const draft = join(directory, `draft-${randomUUID()}`);
  writeFileSync(draft, JSON.stringify(content));
  return draft;
}
