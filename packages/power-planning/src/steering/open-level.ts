import type { Level } from "./estimate.ts";
import { defaultSteerSettings } from "./plan.ts";

/** A level of which nothing was measured yet is as uncertain as it was believed to be. */
const openPart = 0.9;

/** Is it still to be seen how far caps hold a job back? */
export function isOpen(own: Level): boolean {
  return own.varianceShare >= openPart * defaultSteerSettings.priorOwnShare ** 2;
}
