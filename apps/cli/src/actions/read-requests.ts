import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { JobRequest } from "@ertis/client";
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
import { isJobFile } from "../job-file/is-job-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { truncate } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import type { Session } from "./session.ts";

/** Options that describe a job; the same for `submit` and `plan`. */
export interface JobFlags extends Partial<Record<SettingName, string | boolean>> {
  readonly label?: readonly string[];
  readonly env?: readonly string[];
  readonly wrap?: string;
  readonly ignoreUnknown?: boolean;
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

/** `gpusPerNode` is `--gpus-per-node`. */
export function toOption(name: SettingName): string {
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
  if (isJobFile(file)) {
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
  const merged = drafts.map((draft) => mergeDrafts(mergeDrafts(draft, environment), fromFlags));
  const hasInstant = merged.some(
    ({ settings }) => settings.has("begin") || settings.has("deadline"),
  );
  const nowMs = hasInstant ? await session.findNowMs() : terminal.nowMs();
  const specs = merged.map((draft) => buildSpec(draft, nowMs));
  const isProjectMissing = specs.some(({ project }) => project === "");
  const project = isProjectMissing ? await findProject(session) : "";
  const name = toDefaultName(file, flags);
  return specs.map((spec) => ({
    ...spec,
    name: spec.name === "" ? name : (spec.name ?? name),
    project: spec.project === "" ? project : (spec.project ?? project),
  }));
}
