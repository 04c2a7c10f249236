import type { FlexibilityTier } from "../words/job-spec.ts";

/** What may come over a curtailed site. */
export type Step =
  | {
      readonly kind: "job";
      readonly nodes: number;
      readonly tier: FlexibilityTier;
      readonly canPause: boolean;
      /** It goes on with one node, too. */
      readonly isMalleable: boolean;
      readonly tasks: number;
    }
  | {
      readonly kind: "curtail";
      readonly domain: number;
      readonly part: number;
      readonly inMinutes: number;
      readonly minutes: number;
      readonly ramp: number;
      readonly isPlanned: boolean;
    }
  | {
      readonly kind: "budget";
      readonly domain: number;
      readonly part: number;
      readonly minutes: number;
    }
  | { readonly kind: "cancel" | "supply-back" | "measure" | "node-lost" | "lost-off" }
  | { readonly kind: "supply-lost"; readonly domain: number; readonly part: number }
  | { readonly kind: "acknowledge"; readonly silent: number }
  | { readonly kind: "stops" }
  | { readonly kind: "pass"; readonly seconds: number };
