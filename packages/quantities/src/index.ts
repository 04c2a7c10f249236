export {
  add,
  after,
  between,
  instant,
  larger,
  milliseconds,
  smaller,
  subtractToZero,
  times,
  toNumber,
  watts,
  type Instant,
  type Milliseconds,
  type Quantity,
  type Watts,
} from "./quantity.ts";
export {
  addEnergy,
  energyOf,
  millijoules,
  noEnergy,
  toJoulesFloor,
  toKilowattHours,
  toMillijoules,
  type Energy,
} from "./energy.ts";
export {
  formatEnergy,
  formatMilliseconds,
  formatMillisecondsUp,
  formatWatts,
  formatWattsUp,
} from "./format.ts";
export { parseMilliseconds } from "./parse-milliseconds.ts";
export { mostPower, parseWatts } from "./parse-watts.ts";
export type { Parsed } from "./parsed.ts";
