import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { JobRequest, SubmitEntry, SubmitOutcome } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toExitCode, toRejectionExitCode } from "../exit-codes.ts";
import { buildSpec } from "../job-file/build-spec.ts";
import { describeFileError } from "../job-file/describe-file-error.ts";
import { readDirectives } from "../job-file/directives.ts";
import {
  type Draft,
  emptyDraft,
  mergeDrafts,
  type SettingName,
  settingNames,
  type Written,
} from "../job-file/draft.ts";
import { readEnvironment } from "../job-file/environment.ts";
import { printItems } from "../output/print.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable, truncate } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { type Session, withSession } from "./session.ts";

/** Options that describe a job; the same for `submit` and `plan`. */
export interface JobFlags extends Partial<Record<SettingName, string | boolean>> {
  readonly label?: readonly string[];
  readonly env?: readonly string[];
  readonly wrap?: string;
  readonly ignoreUnknown?: boolean;
}

export interface SubmitFlags extends ConnectionFlags, OutputFlags, JobFlags {
  readonly parsable?: boolean;
  /** UUID of an earlier try whose answer was lost. */
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly testOnly?: boolean;
}

function toPairs(
  option: string,
  pairs: readonly string[] | undefined,
): ReadonlyMap<string, Written> {
  return new Map(
    (pairs ?? []).map((pair): [string, Written] => {
      const split = pair.indexOf("=");
      if (split < 1) {
        throw new UsageError(`${option} ${JSON.stringify(pair)} is not KEY=VALUE`);
      }
      return [pair.slice(0, split), { text: pair.slice(split + 1), origin: option }];
    }),
  );
}

function toOption(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function readFlags(flags: JobFlags, args: readonly string[]): Draft {
  const settings = new Map<SettingName, Written>();
  for (const name of settingNames) {
    const value = flags[name];
    if (value !== undefined) {
      settings.set(name, { text: String(value), origin: toOption(name) });
    }
  }
  return {
    settings,
    labels: toPairs("--label", flags.label),
    env: toPairs("--env", flags.env),
    command: undefined,
    args: args.length === 0 ? undefined : args,
    script:
      flags.wrap === undefined
        ? undefined
        : { text: `#!/bin/sh\n${flags.wrap}\n`, origin: "--wrap" },
  };
}

/** The path, cut where somebody gave a whole text in its place. */
function showPath(path: string): string {
  return truncate(path, 120, false);
}

function readText(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${showPath(path)}: ${describeFileError(error)}`);
  }
}

/** What the file says: a job file by its name, a script otherwise. */
async function readFile(
  terminal: Terminal,
  file: string | undefined,
  flags: JobFlags,
): Promise<readonly Draft[]> {
  if (file === undefined) {
    return [emptyDraft];
  }
  if (flags.wrap !== undefined) {
    throw new UsageError(`both --wrap and the file ${file} say what to run`, "leave one out");
  }
  const text = file === "-" ? await terminal.readInput() : readText(file, terminal.cwd);
  if (/\.(ya?ml|json)$/i.test(file)) {
    const { readDocument } = await import("../job-file/document.ts");
    return readDocument(file, text);
  }
  if (!text.startsWith("#!")) {
    throw new UsageError(
      `${showPath(file)} does not begin with #!`,
      'begin a script with for example "#!/bin/sh"; a job file ends in .yaml, .yml or .json',
    );
  }
  const onIgnored = (origin: string, option: string): void => {
    terminal.stderr.write(`ertis: ${origin}: ${option} is ignored\n`);
  };
  return [readDirectives(file, text, { ignoreUnknown: flags.ignoreUnknown ?? false, onIgnored })];
}

function toDefaultName(file: string | undefined, flags: JobFlags): string {
  if (file !== undefined && file !== "-") {
    return basename(file);
  }
  return flags.wrap?.trim().split(/\s+/)[0] ?? "job";
}

/** The context's project; and who belongs to one project only need not name it at all. */
async function findProject(session: Session): Promise<string> {
  if (session.context.project !== "") {
    return session.context.project;
  }
  const projects = (await session.client.serverInfo()).caller?.projects ?? [];
  const [only] = projects;
  // `*` = every project there is, which says nothing about this job.
  if (only === undefined || only === "*" || projects.length > 1) {
    const some = only === "*" ? "any will do" : `yours are ${projects.join(", ")}`;
    const known = only === undefined ? "you belong to none" : some;
    throw new UsageError(
      "the job does not name its project",
      `add --project, or "project" to the context file; ${known}`,
    );
  }
  return only;
}

/** What is asked for: environment, file and flags, the later ones winning (the file loses, as in Slurm). */
export async function readRequests(
  terminal: Terminal,
  session: Session,
  input: { readonly words: readonly string[]; readonly flags: JobFlags },
): Promise<readonly JobRequest[]> {
  const { flags, words } = input;
  const [file, ...args] = words;
  const environment = readEnvironment(terminal.env);
  const fromFlags = readFlags(flags, args);
  const drafts = await readFile(terminal, file, flags);
  const nowMs = terminal.nowMs();
  const specs = drafts.map((draft) =>
    buildSpec(mergeDrafts(mergeDrafts(draft, environment), fromFlags), nowMs),
  );
  const isProjectMissing = specs.some(({ project }) => project === "");
  const project = isProjectMissing ? await findProject(session) : "";
  const name = toDefaultName(file, flags);
  return specs.map((spec) => ({
    ...spec,
    name: spec.name === "" ? name : (spec.name ?? name),
    project: spec.project === "" ? project : (spec.project ?? project),
  }));
}

/** The sentence with its field in front, unless it begins with it already. */
export function withField(field: string, message: string): string {
  return field === "" || message.startsWith(field) ? message : `${field}: ${message}`;
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

/** An outcome as plain data. */
function toRow(outcome: SubmitOutcome): object {
  const { kind, requestId } = outcome;
  switch (outcome.kind) {
    case "accepted": {
      const { jobId, isNew, sequence } = outcome;
      return { outcome: kind, requestId, jobId, isNew, sequence };
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

/** As with sbatch, what follows the file belongs to it: a person who meant otherwise should know. */
function warnOfLateOptions(terminal: Terminal, words: readonly string[]): void {
  const names = settingNames.map(toOption);
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
