import type { BuiltInCurve } from "../model-curve.ts";
import { a100Curves } from "./a100.ts";
import { hopperCurves } from "./hopper.ts";
import { pcieCurves } from "./pcie.ts";
import { zeusCurves } from "./zeus.ts";

/** Published sweeps. A site's own come before them; B200 and GB200 have none yet and are not capped without. */
export const builtInCurves: readonly BuiltInCurve[] = [
  ...a100Curves,
  ...hopperCurves,
  ...pcieCurves,
  ...zeusCurves,
];
