export {
  add,
  between,
  instant,
  milliseconds,
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
  toMillijoules,
  type Energy,
} from "./energy.ts";
export {
  formatMilliseconds,
  formatMillisecondsUp,
  formatWatts,
  formatWattsDown,
  formatWattsUp,
  roundWattsUp,
} from "./format.ts";
export { parseMilliseconds } from "./parse-milliseconds.ts";
export { mostPower, parseWatts } from "./parse-watts.ts";
export type { Parsed } from "./parsed.ts";
