import type { Rule } from "../rule.ts";
import { controlPlane } from "./control-plane.ts";
import { gpuPods } from "./gpu-pods.ts";
import { gpuPools } from "./gpu-pools.ts";
import { hostsMatchSiteFile } from "./hosts-match-site-file.ts";
import { plainSecrets } from "./plain-secrets.ts";
import { podResources } from "./pod-resources.ts";
import { podSecurity } from "./pod-security.ts";
import { powerWithinLimits } from "./power-within-limits.ts";
import { protection } from "./protection.ts";
import { providerIdentity } from "./provider-identity.ts";
import { publicServices } from "./public-services.ts";
import { references } from "./references.ts";
import { siteFiles } from "./site-files.ts";
import { siteShares } from "./site-shares.ts";
import { sourcesInCountry } from "./sources-in-country.ts";
import { stackSize } from "./stack-size.ts";
import { templateNames } from "./template-names.ts";
import { testedVersions } from "./tested-versions.ts";
import { wattQuotas } from "./watt-quotas.ts";
import { wattsPerGpu } from "./watts-per-gpu.ts";

/** Every rule of the pack, in the order in which the engine prints them. */
export const rules: readonly Rule[] = [
  siteFiles,
  powerWithinLimits,
  siteShares,
  hostsMatchSiteFile,
  wattsPerGpu,
  wattQuotas,
  controlPlane,
  gpuPools,
  gpuPods,
  templateNames,
  references,
  testedVersions,
  sourcesInCountry,
  plainSecrets,
  podSecurity,
  podResources,
  publicServices,
  protection,
  providerIdentity,
  stackSize,
];
