import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { arch, platform } from "node:process";
import { familyFolder, familyKey } from "./build/build-key.ts";
import {
  families,
  type Family,
  type ModuleFiles,
  readModuleFiles,
  versionOf,
} from "./build/families.ts";
import { findGo, type Go } from "./build/go.ts";
import { linkPrograms } from "./link-programs.ts";
import { findPlugin } from "./engine/find-plugin.ts";
import { builtParts, type Part, type PartDescription } from "./parts.ts";
import { cacheDirectory } from "./paths.ts";
import { runProgram } from "./programs/run-program.ts";
import { isProgram, programsInPath } from "./programs/search-path.ts";
import { isAccepted, parseVersion } from "./programs/version.ts";
import type { Toolchain } from "./toolchain.ts";

/** A family with where its programs are, or would be built. */
export interface FamilyPlace {
  readonly family: Family;
  readonly files: ModuleFiles;
  readonly directory: string;
}

/** Looks for every part and builds nothing. */
export async function findToolchain(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Toolchain> {
  const root = cacheDirectory(environment);
  const places = familyPlaces(root, await findGo(environment));
  const [plugin, ...parts] = await Promise.all([
    findPlugin(environment),
    ...builtParts.map(async (part) => findPart(part, places, environment)),
  ]);
  const all = withLanguageHost([...parts.slice(0, 2), plugin, ...parts.slice(2)]);
  return {
    binDirectory: linkPrograms(root, all),
    parts: all,
    configDirectories: Object.fromEntries(
      places.flatMap(({ family, directory }) =>
        family.configFolders
          .map((folder) => [folder.name, join(directory, "modules", folder.name)] as const)
          .filter(([, path]) => existsSync(path)),
      ),
    ),
  };
}

/** Where each family is in the cache: built by this Go, or, where there is no fit Go, by any. */
export function familyPlaces(root: string, go: Go): readonly FamilyPlace[] {
  return families.map((family) => {
    const files = readModuleFiles(family.name);
    const key = familyKey(family, files, { platform, architecture: arch });
    return { family, files, directory: join(root, chooseFolder(root, key, go)) };
  });
}

function chooseFolder(root: string, key: string, go: Go): string {
  if (go.kind === "go") {
    return familyFolder(key, go.version);
  }
  const built = existsSync(root)
    ? readdirSync(root).filter((name) => name.startsWith(`${key}-go`) && !name.endsWith(".lock"))
    : [];
  const [newest] = built.toSorted(
    (left, right) => statSync(join(root, right)).mtimeMs - statSync(join(root, left)).mtimeMs,
  );
  return newest ?? familyFolder(key, "unknown");
}

async function findPart(
  part: PartDescription,
  places: readonly FamilyPlace[],
  environment: NodeJS.ProcessEnv,
): Promise<Part> {
  const place = places.find(({ family }) => family.name === part.family);
  const binary = place?.family.binaries.find(({ name }) => name === part.name);
  if (place === undefined || binary === undefined) {
    throw new Error(`no family builds ${part.name}: families.ts and parts.ts disagree`);
  }
  const { name, without } = part;
  const wanted = versionOf(place.family, binary, place.files).slice(1);
  const inPath = await findInPath(part, wanted, environment);
  if (inPath.kind === "accepted") {
    const { path, version } = inPath;
    return { name, kind: "real", where: "PATH", version, path, without, note: undefined };
  }
  const path = join(place.directory, "bin", name);
  const { note } = inPath;
  return isProgram(path)
    ? { name, kind: "real", where: "cache", version: wanted, path, without, note }
    : {
        name,
        kind: "missing",
        where: "missing",
        version: undefined,
        path: undefined,
        without,
        note,
      };
}

type InPath =
  | { readonly kind: "accepted"; readonly path: string; readonly version: string }
  | { readonly kind: "not accepted"; readonly note: string | undefined };

async function findInPath(
  part: PartDescription,
  wanted: string,
  environment: NodeJS.ProcessEnv,
): Promise<InPath> {
  const { name, versionArguments } = part;
  const wantedVersion = parseVersion(wanted);
  if (versionArguments === undefined || wantedVersion === undefined) {
    return { kind: "not accepted", note: undefined };
  }
  const ours = `${cacheDirectory(environment)}${sep}`;
  const candidates = new Map(
    programsInPath(name, environment)
      .map((path) => [realpathSync(path), path] as const)
      .filter(([real]) => !real.startsWith(ours))
      .toReversed(),
  );
  const notes: string[] = [];
  for (const path of [...candidates.values()].toReversed()) {
    const said = await runProgram(path, versionArguments, { environment, timeoutSeconds: 10 });
    const found = parseVersion(said.stdout + said.stderr);
    if (found !== undefined && isAccepted(found, wantedVersion)) {
      return { kind: "accepted", path, version: found.text };
    }
    notes.push(`${path} is ${found?.text ?? "of an unknown version"}, not ${wanted}`);
  }
  return { kind: "not accepted", note: notes.length === 0 ? undefined : notes.join("; ") };
}

/** The language host tells no version: it is the engine's own where it lies beside an accepted engine. */
function withLanguageHost(parts: readonly Part[]): readonly Part[] {
  const engine = parts.find(({ name, where }) => name === "pulumi" && where === "PATH");
  const engineDirectory = engine?.path === undefined ? undefined : join(engine.path, "..");
  const beside =
    engineDirectory === undefined ? undefined : join(engineDirectory, "pulumi-language-nodejs");
  return parts.map((part) =>
    part.name === "pulumi-language-nodejs" && beside !== undefined && isProgram(beside)
      ? { ...part, kind: "real", where: "PATH", version: engine?.version, path: beside }
      : part,
  );
}
