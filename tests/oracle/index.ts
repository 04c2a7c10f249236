export { createOracle, type Oracle, type OracleOptions } from "./oracle.ts";
export type { DomainPeak } from "./peaks.ts";
export type { DeratingOf, Share } from "./power-tree.ts";
export type { Tally } from "./tally.ts";
export { describeViolation, type Violation } from "./violation.ts";
export type { JobRecord } from "./job-record.ts";
export type { World } from "./world.ts";
