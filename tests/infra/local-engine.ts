import { clusterParts, findToolchain, missingParts, type Toolchain } from "@ertis/infra-toolchain";

/** What it takes to run the engine against a local cluster; `missing` says what is not here. */
export interface LocalEngine {
  readonly toolchain: Toolchain;
  readonly missing: string | undefined;
}

export async function findLocalEngine(): Promise<LocalEngine> {
  const toolchain = await findToolchain();
  const missing = missingParts(toolchain, [
    ...clusterParts,
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-kubernetes",
  ]);
  return { toolchain, missing };
}
