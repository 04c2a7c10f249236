import { DomainKind, PowerDomain } from "@ertis/api";

type DomainFacts = Partial<PowerDomain> & { readonly id: string };

/** A domain with the facts that a test cares for; GPUs and nodes follow from what it is given. */
export function toDomain(facts: DomainFacts): PowerDomain {
  const slash = facts.id.lastIndexOf("/");
  const usableWatts = facts.usableWatts ?? 1_000_000;
  const boundWatts = facts.boundWatts ?? 0;
  const ceilingWatts = Math.min(usableWatts, facts.budgetWatts ?? usableWatts);
  return PowerDomain.fromPartial({
    parentId: slash === -1 ? "" : facts.id.slice(0, slash),
    kind: DomainKind.HALL,
    limitWatts: usableWatts,
    usableWatts,
    excessWatts: Math.max(0, boundWatts - (facts.budgetWatts ?? boundWatts)),
    freeWatts: Math.max(0, ceilingWatts - boundWatts),
    ...facts,
  });
}

/** When the sample is looked at: 25 November 2026, 18:30 UTC. */
export const sampleNowMs: number = Date.UTC(2026, 10, 25, 18, 30);

/** Two sites, one of them over its budget, one with lost and cordoned GPUs. */
export const samplePower: readonly PowerDomain[] = [
  toDomain({
    id: "pavlodar-hub",
    kind: DomainKind.FEED,
    usableWatts: 20_000_000,
    boundWatts: 12_340_000,
    budgetWatts: 15_000_000,
    budgetId: "evening",
    fixedWatts: 400_000,
    gpuCount: 9_600,
    gpuUsedCount: 6_144,
    nodeCount: 1_200,
    nodeUsedCount: 768,
    childCount: 2,
    nextBudgetChange: {
      changeTimeMs: sampleNowMs + 5_400_000,
      budgetId: "",
      budgetWatts: undefined,
    },
  }),
  toDomain({
    id: "pavlodar-hub/substation-1",
    kind: DomainKind.SUBSTATION,
    usableWatts: 16_000_000,
    boundWatts: 9_800_000,
    gpuCount: 8_000,
    gpuUsedCount: 5_120,
    nodeCount: 1_000,
    nodeUsedCount: 640,
    childCount: 2,
  }),
  toDomain({
    id: "pavlodar-hub/substation-1/hall-1",
    usableWatts: 5_000_000,
    boundWatts: 4_900_000,
    gpuCount: 4_000,
    gpuUsedCount: 4_000,
    nodeCount: 500,
    nodeUsedCount: 500,
    childCount: 12,
  }),
  toDomain({
    id: "pavlodar-hub/substation-1/hall-2",
    usableWatts: 5_000_000,
    boundWatts: 4_200_000,
    budgetWatts: 3_000_000,
    budgetId: "chiller-3",
    excessReason: "the budget was lowered below what runs; the last job ends by 22:00",
    gpuCount: 4_000,
    gpuUsedCount: 1_120,
    gpuLostCount: 16,
    gpuCordonedCount: 64,
    nodeCount: 500,
    nodeUsedCount: 140,
    childCount: 12,
  }),
  toDomain({
    id: "pavlodar-hub/substation-2",
    kind: DomainKind.SUBSTATION,
    usableWatts: 4_000_000,
    boundWatts: 2_140_000,
    gpuCount: 1_600,
    gpuUsedCount: 1_024,
    nodeCount: 200,
    nodeUsedCount: 128,
  }),
  toDomain({
    id: "ai-data-center",
    kind: DomainKind.FEED,
    usableWatts: 50_000_000,
    boundWatts: 0,
    gpuCount: 24_000,
    nodeCount: 3_000,
  }),
];
