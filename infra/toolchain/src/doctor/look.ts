import { findGo } from "../build/go.ts";
import { crdSource } from "../crds/crd-source.ts";
import { crdFamilies } from "../crds/families.ts";
import { findToolchain } from "../find-toolchain.ts";
import { cacheDirectory, definitionsDirectory } from "../paths.ts";
import type { DoctorFacts } from "./doctor-text.ts";

export async function lookAround(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<DoctorFacts> {
  return {
    toolchain: await findToolchain(environment),
    go: await findGo(environment),
    crds: crdFamilies.map((family) => ({ family, source: crdSource(family, environment) })),
    cacheDirectory: cacheDirectory(environment),
    definitionsDirectory: definitionsDirectory(environment),
  };
}
