import type { JobRequest, SubmitEntry, SubmitOutcome } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toExitCode, toRejectionExitCode } from "../exit-codes.ts";
import { settingNames } from "../job-file/draft.ts";
import { showDuration } from "../output/format.ts";
import { printItems } from "../output/print.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable, truncate } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { withField } from "../views/with-field.ts";
import { type JobFlags, readRequests, toOption } from "./read-requests.ts";
import { withSession } from "./session.ts";
import { warnOfClasses } from "./workload-classes.ts";

export interface SubmitFlags extends ConnectionFlags, OutputFlags, JobFlags {
  readonly parsable?: boolean;
  /** UUID of an earlier try whose answer was lost. */
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly testOnly?: boolean;
}

function reportOutcome(
  terminal: Terminal,
  flags: SubmitFlags,
  spec: JobRequest,
  outcome: SubmitOutcome,
): ExitCode {
  const name = truncate(toPrintable(spec.name ?? ""), 60, false);
  const say = (text: string): void => terminal.stderr.write(`${toPrintable(text)}\n`);
  switch (outcome.kind) {
    case "accepted": {
      const isBare = flags.parsable === true || flags.output === "name";
      const again = outcome.isNew ? "" : " (accepted before with the same request id)";
      const text = isBare ? outcome.jobId : `submitted job ${outcome.jobId} (${name})${again}`;
      terminal.stdout.write(`${text}\n`);
      warnOfDeadline(terminal, outcome);
      return exitCodes.ok;
    }
    case "refused": {
      const { reason, field, message } = outcome.rejection;
      say(`error: ${name} was refused (${reason}): ${withField(field, message)}`);
      return toRejectionExitCode(reason);
    }
    case "failed": {
      const { error } = outcome;
      say(`error: ${name}: ${error.message}`);
      for (const { field, description } of error.fieldViolations) {
        if (!error.message.includes(description)) {
          say(`       ${field}: ${description}`);
        }
      }
      if (error.isOutcomeUnknown) {
        say("       it is not known whether it was accepted; the same command with");
        say(`       --request-id ${outcome.requestId} submits it once only`);
      }
      if (error.advice !== "") {
        say(`  do: ${error.advice}`);
      }
      return toExitCode(error.code, error.reason);
    }
  }
}

/** Most likely a slip of the hand: it runs all the same, and what it uses of its walltime is not known. */
function warnOfDeadline(
  terminal: Terminal,
  { jobId, deadlineMissedByMs }: Extract<SubmitOutcome, { readonly kind: "accepted" }>,
): void {
  if (deadlineMissedByMs > 0) {
    terminal.stderr.write(
      `note: job ${jobId} cannot keep its deadline if it uses its walltime: even with a start at once it is missed by ${showDuration(deadlineMissedByMs)}\n`,
    );
  }
}

/** An outcome as plain data. */
function toRow(outcome: SubmitOutcome): object {
  const { kind, requestId } = outcome;
  switch (outcome.kind) {
    case "accepted": {
      const { jobId, isNew, sequence, deadlineMissedByMs } = outcome;
      const missed = deadlineMissedByMs > 0 ? { deadlineMissedByMs } : {};
      return { outcome: kind, requestId, jobId, isNew, sequence, ...missed };
    }
    case "refused": {
      const { reason, field, message } = outcome.rejection;
      return { outcome: kind, requestId, reason, field, message };
    }
    case "failed": {
      const { code, reason, message, isOutcomeUnknown } = outcome.error;
      return { outcome: kind, requestId, code, reason, message, isOutcomeUnknown };
    }
  }
}

/** Commands worth knowing next, for a person at a terminal. */
function suggest(terminal: Terminal, outcomes: readonly SubmitOutcome[]): void {
  const [first] = outcomes;
  if (terminal.stdout.isTty && first?.kind === "accepted") {
    const { jobId } = first;
    terminal.stderr.write(
      `next: ertis why ${jobId}, ertis watch ${jobId}, ertis cancel ${jobId}\n`,
    );
  }
}

/** Jobs of one file stand each for itself: who corrects a refused one should not submit the others twice. */
function warnOfPart(terminal: Terminal, outcomes: readonly SubmitOutcome[]): void {
  const ids = outcomes.flatMap((each) => (each.kind === "accepted" ? [each.jobId] : []));
  if (ids.length > 0 && ids.length < outcomes.length) {
    const shown = ids.length > 10 ? "IDS" : ids.join(" ");
    terminal.stderr.write(
      `${ids.length} of ${outcomes.length} jobs ${ids.length === 1 ? "is" : "are"} submitted: submit only the others again, or take ${ids.length === 1 ? "it" : "these"} back with "ertis cancel ${shown}"\n`,
    );
  }
}

/** As with sbatch, what follows the file belongs to it: a person who meant otherwise should know. */
function warnOfLateOptions(terminal: Terminal, words: readonly string[]): void {
  const names = [...settingNames.map(toOption), "--dry-run"];
  const late = words.slice(1).find((word) => names.includes(word.split("=")[0] ?? ""));
  if (late !== undefined && terminal.stderr.isTty) {
    terminal.stderr.write(
      `ertis: ${toPrintable(late)} goes to the script: options of ertis stand before it\n`,
    );
  }
}

/** Each job with its request id, which is told before anything can go wrong. */
function toEntries(
  terminal: Terminal,
  specs: readonly JobRequest[],
  flags: SubmitFlags,
): readonly SubmitEntry[] {
  const { requestId } = flags;
  if (requestId !== undefined && specs.length !== 1) {
    throw new UsageError(`--request-id is of one job, and the file holds ${specs.length}`);
  }
  const entries = specs.map((spec) => ({ spec, requestId: requestId ?? crypto.randomUUID() }));
  if (flags.verbose === true) {
    for (const entry of entries) {
      terminal.stderr.write(`request id ${entry.requestId}\n`);
    }
  }
  return entries;
}

export async function runSubmit(
  terminal: Terminal,
  words: readonly string[],
  flags: SubmitFlags,
): Promise<ExitCode> {
  if (flags.dryRun === true || flags.testOnly === true) {
    const { runPlan } = await import("./plan.ts");
    return runPlan(terminal, words, flags);
  }
  warnOfLateOptions(terminal, words);
  return withSession(terminal, flags, async (session) => {
    const specs = await readRequests(terminal, session, { words, flags });
    await warnOfClasses(terminal, session, specs);
    const entries = toEntries(terminal, specs, flags);
    const outcomes = await session.client.submit(entries, { signal: terminal.interrupt });
    const isForPrograms = ["json", "jsonl", "yaml"].includes(flags.output);
    if (isForPrograms) {
      await printItems(terminal, flags, outcomes, { columns: [], toJson: toRow, toName: String });
    }
    const codes = outcomes.map((outcome, index) =>
      isForPrograms && outcome.kind === "accepted"
        ? exitCodes.ok
        : reportOutcome(terminal, flags, specs[index] ?? {}, outcome),
    );
    warnOfPart(terminal, outcomes);
    const failed = codes.find((code) => code !== exitCodes.ok);
    if (flags.wait !== true) {
      suggest(terminal, outcomes);
      return failed ?? exitCodes.ok;
    }
    const ids = outcomes.flatMap((each) => (each.kind === "accepted" ? [each.jobId] : []));
    const { waitForJobs } = await import("./wait-for-jobs.ts");
    return failed ?? (await waitForJobs(terminal, session, { ids, output: terminal.stderr }));
  });
}
