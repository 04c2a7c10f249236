/** Settings of a job that are one text each, by the name they have in a job file. */
export const settingNames = [
  "array",
  "begin",
  "chdir",
  "checkpoint",
  "class",
  "deadline",
  "dependency",
  "gpu",
  "gpus",
  "gpusPerNode",
  "hold",
  "image",
  "minCap",
  "minNodes",
  "name",
  "nodes",
  "preemptible",
  "priority",
  "project",
  "retry",
  "site",
  "tier",
  "time",
  "timeMin",
] as const;

export type SettingName = (typeof settingNames)[number];

/** A text as it was written, and where: `--time`, `train.sh:3`, `job.yaml:5`, `ERTIS_TIME`. */
export interface Written {
  readonly text: string;
  readonly origin: string;
}

/** What one source says about a job; nothing is checked yet. */
export interface Draft {
  readonly settings: ReadonlyMap<SettingName, Written>;
  readonly labels: ReadonlyMap<string, Written>;
  readonly env: ReadonlyMap<string, Written>;
  /** Undefined = this source says nothing about it. */
  readonly command: readonly string[] | undefined;
  /** Where the command stands, for example `job.yaml:4`. */
  readonly commandOrigin?: string | undefined;
  readonly args: readonly string[] | undefined;
  readonly script: Written | undefined;
}

export const emptyDraft: Draft = {
  settings: new Map(),
  labels: new Map(),
  env: new Map(),
  command: undefined,
  args: undefined,
  script: undefined,
};

/** What can be written about the gang; whoever says one of these says all of it. */
const gangSettings: readonly SettingName[] = ["gpus", "gpusPerNode"];

function mergeSettings(weaker: Draft, stronger: Draft): ReadonlyMap<SettingName, Written> {
  const merged = new Map(weaker.settings);
  // `--gpus 16` beside `gpusPerNode: 8` of a file replaces it instead of contradicting it.
  if (gangSettings.some((name) => stronger.settings.has(name))) {
    for (const name of gangSettings) {
      merged.delete(name);
    }
  }
  for (const [name, written] of stronger.settings) {
    merged.set(name, written);
  }
  return merged;
}

/** The stronger source wins setting by setting; labels and environment variables by key. */
export function mergeDrafts(weaker: Draft, stronger: Draft): Draft {
  return {
    settings: mergeSettings(weaker, stronger),
    labels: new Map([...weaker.labels, ...stronger.labels]),
    env: new Map([...weaker.env, ...stronger.env]),
    command: stronger.command ?? weaker.command,
    commandOrigin: stronger.command === undefined ? weaker.commandOrigin : stronger.commandOrigin,
    args: stronger.args ?? weaker.args,
    script: stronger.script ?? weaker.script,
  };
}
