import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTrace, type TraceJob } from "@ertis/simulator";

/** A trace with the site it runs on. */
export interface Scene {
  readonly name: string;
  readonly jobs: readonly TraceJob[];
  /** As printed. */
  readonly siteFile: string;
  readonly siteText: string;
  /** Ceiling on the feed over the whole run, set through the API. */
  readonly budgetWatts: number;
}

export type LoadedScene =
  | { readonly kind: "scene"; readonly scene: Scene }
  /** A file is not there, or not the one that is meant: the caller says so and goes on without it. */
  | { readonly kind: "absent"; readonly message: string };

const here = fileURLToPath(new URL(".", import.meta.url));
const phillySha256 = "ebffb3dd1589bdf4e7bcd74496201c5ded1d557d498ee14f560463f37ec353da";

/** 75 % of the GPUs of each site can be busy under its budget; see the head of the site files. */
const phillySite = { siteFile: "tests/replay/sites/philly-896.yaml", budgetWatts: 850_000 };
const smallSite = { siteFile: "tests/replay/sites/philly-96.yaml", budgetWatts: 90_000 };

/** The 1,500 jobs in this repository, on 96 GPUs. */
export function loadSmall(): Scene {
  const text = readFileSync(join(here, "traces/philly-1500.csv"), "utf8");
  return sceneOf("philly-1500", text, smallSite);
}

/** All 82,247 jobs, on 896 GPUs; from `ERTIS_DATA_DIR` or beside the repository. */
export function loadPhilly(dataDirectory: string | undefined): LoadedScene {
  const directory = dataDirectory ?? join(here, "../../../shared/data");
  const path = join(directory, "philly/philly.csv");
  if (!existsSync(path)) {
    return { kind: "absent", message: `${path} is not there; ERTIS_DATA_DIR names its place` };
  }
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== phillySha256) {
    return {
      kind: "absent",
      message: `${path} is another file: SHA-256 is ${sha256}, ${phillySha256} is expected`,
    };
  }
  return { kind: "scene", scene: sceneOf("philly", bytes.toString("utf8"), phillySite) };
}

function sceneOf(
  name: string,
  text: string,
  site: { readonly siteFile: string; readonly budgetWatts: number },
): Scene {
  const trace = readTrace(text);
  if (trace.kind === "problems") {
    const lines = trace.problems.map(({ line, message }) => `  line ${line}: ${message}`);
    throw new Error(`the trace ${name} cannot be read:\n${lines.join("\n")}`);
  }
  const siteText = readFileSync(join(here, "../..", site.siteFile), "utf8");
  return { name, jobs: trace.jobs, siteText, ...site };
}
