export type { CapCurve, CapPoint } from "./curves/curve.ts";
