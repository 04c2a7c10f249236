import type { Benchmark } from "../benchmark.ts";
import { b10 } from "../philly/b10.ts";
import { b3 } from "../philly/b3.ts";
import { b7 } from "../../simulation/b7.ts";
import { b1a } from "../phoenix/b1a.ts";
import { b1b } from "./b1b.ts";
import { b1c } from "./b1c.ts";
import { b2 } from "./b2.ts";
import { b6 } from "./b6.ts";
import { b8 } from "./b8.ts";
import { b9 } from "./b9.ts";

/** Benchmarks of planning in time and watts, by their number: one line each. */
export const powerBenchmarks: readonly Benchmark[] = [
  b1a, // Phoenix mix, one steady point
  b1b, // Phoenix mix with noise, steered
  b1c, // the whole scheduler through a planned curtailment
  b2, // −30 % at once
  b3, // Philly under four budgets
  b6, // size
  b7, // whatever may go wrong
  b8, // ramps
  b9, // more nodes behind a feed
  b10, // work a megawatt-hour
];
