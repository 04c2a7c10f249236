import { type Draft, emptyDraft, type SettingName, type Written } from "./draft.ts";

/** Environment variables that set a default for every submit, as Slurm's SBATCH_* do. */
export const settingVariables: ReadonlyMap<SettingName, string> = new Map([
  ["gpu", "ERTIS_GPU"],
  ["image", "ERTIS_IMAGE"],
  ["priority", "ERTIS_PRIORITY"],
  ["project", "ERTIS_PROJECT"],
  ["site", "ERTIS_SITE"],
  ["time", "ERTIS_TIME"],
]);

/** What the environment says about jobs. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Draft {
  const settings = new Map<SettingName, Written>();
  for (const [name, variable] of settingVariables) {
    const text = env[variable];
    if (text !== undefined && text !== "") {
      settings.set(name, { text, origin: variable });
    }
  }
  return { ...emptyDraft, settings };
}
