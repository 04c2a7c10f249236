import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { type TookSpread, tookSpread } from "../clock.ts";
import { atMost, type Goal } from "../goals.ts";
import { spreadText } from "../figures.ts";
import { decisionKinds } from "../scale/decisions.ts";
import type { ScaleCase, ScaleFigures } from "../scale/measure-one.ts";

export const b6: Benchmark = {
  name: "B6",
  what: "size: 23,500 nodes, 188,000 GPUs, 100,000 queued, caps and squeezes beside no bound of power, from 1,000 nodes up",
  goal: "decision p99 10 ms, full re-plan 1 s, preview of a curtailment 1 s, 2 GB",
  run: measure,
};

const nodeCounts = [1_000, 2_000, 5_000, 10_000, 23_500] as const;
/** The size for which goals are. */
const goalNodeCount = 23_500;
const queuedCount = 100_000;
const shapeCount = 1_000;
const program = fileURLToPath(new URL("../scale/measure-one.ts", import.meta.url));

async function measure({ seed, seconds }: BenchmarkOptions): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const hasPower of [true, false]) {
    for (const nodeCount of nodeCounts) {
      // Ten seconds of the site for each that was asked for: at 60 s some 1,800 decisions.
      const one = { nodeCount, hasPower, seed, shapeCount, queuedCount, seconds: 10 * seconds };
      const line = lineOf(one, await start(one));
      console.log(`  ${line.name}`);
      lines.push(line);
    }
  }
  return lines;
}

/** Each in a process of its own: its memory is its own, too. */
async function start(one: ScaleCase): Promise<ScaleFigures> {
  const child = spawn(
    process.execPath,
    [
      "--expose-gc",
      "--max-old-space-size=4096",
      "--disable-warning=ExperimentalWarning",
      program,
      JSON.stringify(one),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) {
    throw new Error(`${one.nodeCount} nodes: ended with code ${String(code)}`);
  }
  return JSON.parse(said);
}

function lineOf(one: ScaleCase, figures: ScaleFigures): Line {
  const { decisions, steps, counts, state, steering } = figures;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const row = (name: string, { wall, cpu }: TookSpread): string =>
    `${name.padEnd(27)}${String(wall.count).padStart(6)}  wall ${spreadText(wall)}; processor ${spreadText(cpu)}`;
  const text = [
    `${state.runningCount} run, ${state.cappedCount} of them capped; ${percent(state.gpuShare)} of the GPUs, ${percent(state.feedShare)} of the feed; ${state.queuedCount} queued in ${state.shapeCount} shapes`,
    `in ${one.seconds} s: ${counts["attempt-started"] ?? 0} starts, ${counts["cap-set"] ?? 0} caps ordered, ${counts["cap-acknowledged"] ?? 0} acknowledged, ${counts["reservation-made"] ?? 0} starts promised`,
    ...decisionKinds.map((kind) => row(kind, decisions[kind])),
    row("all, passes included", decisions.all),
    row("one command or pass", steps),
    row("full re-plan, EASY", tookSpread(figures.replans)),
    ...figures.previews.map(
      ({ name, ms, cpuMs, answer }) =>
        `preview ${name}: wall ${ms.toFixed(0)} ms, processor ${cpuMs.toFixed(0)} ms (${answer})`,
    ),
    ...(steering === undefined ? [] : [row("measurement that steers", steering)]),
    `heap ${figures.heapMegabytes.toFixed(0)} MB, resident at most ${figures.residentMegabytes.toFixed(0)} MB`,
  ];
  const name = `${one.nodeCount.toLocaleString("en")} nodes, ${one.hasPower ? "power binds" : "no bound of power"}`;
  const goals = one.nodeCount === goalNodeCount ? goalsOf(figures) : [];
  return { name, text, figures: { ...one, ...figures }, goals };
}

/** Of the wall: on a machine that does other work they are missed for that. */
function goalsOf(figures: ScaleFigures): readonly Goal[] {
  const { decisions, replans, previews, residentMegabytes } = figures;
  return [
    atMost("decision p99", decisions.all.wall.p99, 10, "ms"),
    atMost("full re-plan", Math.max(...replans.map(({ ms }) => ms)), 1_000, "ms"),
    atMost("preview of a curtailment", Math.max(...previews.map(({ ms }) => ms)), 1_000, "ms"),
    atMost("resident memory", residentMegabytes, 2_000, "MB"),
  ];
}
