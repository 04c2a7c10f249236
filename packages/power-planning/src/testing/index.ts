export { type RampReport, reportRamp } from "./ramp-report.ts";
