import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namedBackend, withoutSidecars } from "@ertis/infra-toolchain";
import { isMap, parseDocument } from "yaml";
import { OperationProblem } from "../problem.ts";
import { writeFileAtomically } from "./write-file.ts";

/** Where one stack's program, settings and state are. */
export interface StackWorkspace {
  readonly project: string;
  readonly stack: string;
  /** Holds Pulumi.yaml and the program. */
  readonly projectDirectory: string;
  /** A folder of ours with a Pulumi.yaml of the same name: commands that run no program run here. */
  readonly settingsDirectory: string;
  /** Generated from the committed file of the stack, if there is one; the engine writes its salt into it. */
  readonly configFile: string;
  readonly runsDirectory: string;
  readonly backendUrl: string;
  /** For the engine: backend, passphrase, PATH, kubeconfig, … */
  readonly environment: NodeJS.ProcessEnv;
}

export interface WorkspaceOptions {
  readonly project: string;
  readonly stack: string;
  readonly projectDirectory: string;
  readonly stateDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Settings that the run adds to the committed ones, such as `ertis:profile`. */
  readonly config: Readonly<Record<string, string>>;
}

/** The name by which the state of a stack is known: projects of a name share it. */
export function stackName({ project, stack }: Pick<StackWorkspace, "project" | "stack">): string {
  return `${project}/${stack}`;
}

/** As the engine wants it with every backend but Pulumi's own service. */
export function qualifiedName(workspace: Pick<StackWorkspace, "project" | "stack">): string {
  return `organization/${stackName(workspace)}`;
}

/** Marks the processes of a stack: two backends may hold stacks of one name. */
export function stackKey({ project, stack, backendUrl }: StackWorkspace): string {
  const hash = createHash("sha256").update(`${backendUrl}\0${project}/${stack}`).digest("hex");
  return `${project}.${stack}.${hash.slice(0, 12)}`;
}

/** Writes the settings of a stack, keeping what the engine wrote into them before. Touches nothing of the repository. */
export function openWorkspace(options: WorkspaceOptions): StackWorkspace {
  const { project, stack, projectDirectory, stateDirectory, environment } = options;
  const engineUrl = withoutSidecars(environment["PULUMI_BACKEND_URL"] ?? "");
  if (engineUrl === "") {
    throw new Error("the engine's environment names no backend");
  }
  const backendUrl = namedBackend(engineUrl);
  // The salt in the settings belongs to the state of this backend.
  const backendKey = createHash("sha256").update(backendUrl).digest("hex").slice(0, 12);
  const settingsDirectory = join(stateDirectory, "settings", backendKey, project);
  mkdirSync(settingsDirectory, { recursive: true, mode: 0o700 });
  const projectFile = join(settingsDirectory, "Pulumi.yaml");
  if (!existsSync(projectFile)) {
    writeFileAtomically(projectFile, `name: ${project}\nruntime: nodejs\n`);
  }
  const configFile = join(settingsDirectory, `Pulumi.${stack}.yaml`);
  writeConfig({
    configFile,
    base: join(projectDirectory, `Pulumi.${stack}.yaml`),
    config: options.config,
  });
  return {
    project,
    stack,
    projectDirectory,
    settingsDirectory,
    configFile,
    runsDirectory: join(stateDirectory, "runs"),
    backendUrl,
    environment: { ...environment, PULUMI_BACKEND_URL: engineUrl },
  };
}

/** Keys of the settings file that belong to the state, not to what a person configured. */
const engineKeys = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

function writeConfig({
  configFile,
  base,
  config,
}: {
  readonly configFile: string;
  readonly base: string;
  readonly config: Readonly<Record<string, string>>;
}): void {
  const document = readSettings(base);
  const previous = readSettings(configFile);
  for (const key of engineKeys) {
    if (!document.has(key) && previous.has(key)) {
      document.set(key, previous.get(key));
    }
  }
  for (const [key, value] of Object.entries(config)) {
    document.setIn(["config", key], value);
  }
  writeFileAtomically(configFile, document.toString());
}

function readSettings(file: string): ReturnType<typeof parseDocument> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const document = parseDocument(text.trim() === "" ? "{}" : text);
  const [error] = document.errors;
  if (error !== undefined || !isMap(document.contents)) {
    throw new OperationProblem(
      "usage",
      `${file}: ${error?.message ?? "not a list of settings"}`,
      "put the file right; nothing was changed",
    );
  }
  // A `{}` would keep the document on one line.
  document.contents.flow = false;
  return document;
}
