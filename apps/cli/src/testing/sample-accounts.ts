import { AccountUsage } from "@ertis/api";

/** Two tenants; one uses more than its share. */
export const sampleAccounts: readonly AccountUsage[] = [
  {
    account: {
      id: "kazllm",
      weight: 3,
      quota: { guaranteedGpuCount: 512, guaranteedWatts: 600_000, borrowableGpuCount: 256 },
    },
    gpuUsedCount: 640,
    powerReservedWatts: 590_000,
    usagePermille: 810,
    sharePermille: 750,
    rank: 2,
    standing: "has used 1.35 h of everything for its weight",
  },
  {
    account: { id: "kazllm/speech", weight: 1 },
    gpuUsedCount: 640,
    powerReservedWatts: 590_000,
    usagePermille: 1_000,
    sharePermille: 1_000,
    rank: 1,
    standing: "has used 4.05 h of everything for its weight",
  },
  {
    account: { id: "kazllm/speech/aigerim", weight: 1 },
    gpuUsedCount: 640,
    powerReservedWatts: 590_000,
    usagePermille: 1_000,
    sharePermille: 1_000,
    rank: 1,
    standing: "has used 4.05 h of everything for its weight",
  },
  {
    account: { id: "university", weight: 1 },
    gpuUsedCount: 96,
    powerReservedWatts: 88_500,
    usagePermille: 190,
    sharePermille: 250,
    rank: 1,
    standing: "has used 0.95 h of everything for its weight",
  },
].map((usage) => AccountUsage.fromPartial(usage));
