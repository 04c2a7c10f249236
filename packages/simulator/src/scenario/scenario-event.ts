import type { FlexibilityTier } from "@ertis/scheduler-engine";

/** Something that happens to the site at a moment, from outside. Times count from the start of the run. */
export type ScenarioEvent = { readonly atMs: number; readonly line: number } & ScenarioChange;

export type ScenarioChange =
  /** Somebody sets a ceiling. */
  | {
      readonly kind: "budget";
      readonly domain: number;
      readonly ceiling: Amount;
      readonly forMs: number;
      /** Told so long before it begins. */
      readonly noticeMs: number;
    }
  | {
      readonly kind: "curtailment";
      readonly id: string;
      readonly domain: number;
      readonly target: Amount;
      readonly forMs: number;
      readonly noticeMs: number;
      readonly rampMs: number;
      readonly mode: "planned" | "emergency";
      /** Tiers whose floors it gives up. */
      readonly giveUp: readonly FlexibilityTier[];
    }
  | { readonly kind: "cancel-curtailment"; readonly id: string }
  /** So many nodes of a domain die, drawn by the seed. */
  | {
      readonly kind: "node-failure";
      readonly domain: number;
      readonly nodeCount: number;
      readonly repairMs: number | undefined;
    }
  /** A part of the supply of a domain is gone; what is left of it is an emergency's target. */
  | {
      readonly kind: "feed-loss";
      readonly domain: number;
      readonly left: Amount;
      readonly forMs: number;
    }
  /**
   * Cooling and losses of a domain take more for a while: the load factor of its site file becomes this one.
   * Ceilings of the domain and of those above it leave the watts for that, known so long before.
   */
  | {
      readonly kind: "cooling";
      readonly domain: number;
      readonly factor: number;
      readonly forMs: number;
      readonly noticeMs: number;
    }
  | { readonly kind: "stale-telemetry" | "stuck-caps" | "cluster-away"; readonly forMs: number }
  | { readonly kind: "clock-step"; readonly byMs: number };

/** Watts, or a part: of the usable limit for a budget and a feed, of the mean draw before for a curtailment. */
export type Amount =
  | { readonly kind: "watts"; readonly watts: number }
  | { readonly kind: "share"; readonly share: number };

export const scenarioKinds: readonly ScenarioChange["kind"][] = [
  "budget",
  "curtailment",
  "cancel-curtailment",
  "node-failure",
  "feed-loss",
  "cooling",
  "stale-telemetry",
  "stuck-caps",
  "cluster-away",
  "clock-step",
];
