import { type CapPoint, checkCurve } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { power } from "./fields.ts";
import { parseDecimal } from "./ratio.ts";
import { readGpuModel } from "./read-node-class.ts";
import {
  Block,
  describe,
  didYouMean,
  listed,
  type Located,
  type Problems,
  quotedText,
  readText,
  type TextResult,
  type Value,
} from "./reader/index.ts";
import type { NodeClass, SiteCurve } from "./site.ts";
import { checkSources } from "./sources.ts";

const mostCurves = 100;
const mostPoints = 50;
const example = "[500 W, 0.807, 480 W]";

/** Reads the list of cap curves. Wrong ones are reported and left out. */
export function readCurves(
  problems: Problems,
  value: Value | undefined,
  nodeClasses: readonly NodeClass[],
): readonly SiteCurve[] {
  if (value === undefined) {
    return [];
  }
  if (value.kind !== "list" || value.items.length > mostCurves) {
    const found =
      value.kind === "list" ? `${value.items.length} curves` : `${describe(value)}, but a list`;
    problems.add(value.at, `found ${found}; at most ${mostCurves} curves are allowed in it`);
    return [];
  }
  const curves: SiteCurve[] = [];
  for (const item of value.items) {
    const curve = readCurve(problems, item, nodeClasses);
    const isDouble = curves.some(
      (one) => one.gpuModel === curve?.gpuModel && one.workloadClass === curve.workloadClass,
    );
    if (curve !== undefined && isDouble) {
      problems.add(
        item.at,
        `a second curve of ${curve.gpuModel} for "${curve.workloadClass}": keep one of them`,
      );
    } else if (curve !== undefined) {
      curves.push(curve);
    }
  }
  return curves;
}

function readCurve(
  problems: Problems,
  item: Value,
  nodeClasses: readonly NodeClass[],
): SiteCurve | undefined {
  const block = Block.open(problems, item, {
    what: "a curve",
    keys: ["gpuModel", "class", "points", "source"],
  });
  if (block === undefined) {
    return undefined;
  }
  checkSources(block, ["points"]);
  const gpuModel = block.text("gpuModel", readGpuModel, "H200-SXM-141GB");
  const workloadClass = block.text("class", readClass, "inference")?.value;
  const points = readPoints(problems, block.required("points", `[${example}, [700 W, 1, 690 W]]`));
  if (gpuModel !== undefined) {
    checkModel(problems, gpuModel, points, nodeClasses);
  }
  return gpuModel === undefined || workloadClass === undefined || points === undefined
    ? undefined
    : {
        gpuModel: gpuModel.value,
        workloadClass,
        points: points.value,
        source: sourceOf(block),
        writtenAt: problems.lineOf(points.at),
      };
}

/** The form of a job's workload class: classes of benchmarks have dots and underscores. */
function readClass(text: string): TextResult<string> {
  return /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(text)
    ? { value: text }
    : {
        wrong: `${quotedText(text)} is not a workload class: use a-z, 0-9 and . _ -, for example inference, fine-tune or pre-train`,
      };
}

function sourceOf(block: Block): string {
  const source = block.optional("source");
  const inner = source?.kind === "map" ? source.entries.values().next().value?.value : source;
  return inner?.kind === "text" ? inner.text : "";
}

function readPoints(
  problems: Problems,
  value: Value | undefined,
): Located<readonly CapPoint[]> | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (value.kind !== "list" || value.items.length > mostPoints) {
    problems.add(
      value.at,
      `found ${describe(value)}, but points are a list of 1 to ${mostPoints} like ${example}: cap, speed, mean draw`,
    );
    return undefined;
  }
  const points: CapPoint[] = [];
  for (const item of value.items) {
    const point = readPoint(problems, item);
    if (point !== undefined) {
      points.push(point);
    }
  }
  if (points.length < value.items.length) {
    return undefined;
  }
  const checked = checkCurve(points);
  if (checked.kind === "problem") {
    problems.add(value.items[checked.at]?.at ?? value.at, checked.message);
    return undefined;
  }
  return { value: points, at: value.at };
}

function readPoint(problems: Problems, item: Value): CapPoint | undefined {
  const parts = item.kind === "list" ? item.items : [];
  if (parts.length !== 3) {
    problems.add(
      item.at,
      `found ${describe(item)}, but a point is a list of three, ${example}: cap, speed, mean draw of a GPU`,
    );
    return undefined;
  }
  const [cap, speed, draw] = parts;
  const capWatts = readText(problems, cap, power)?.value;
  const speedRead = readText(problems, speed, readSpeed)?.value;
  const drawWatts = readText(problems, draw, power)?.value;
  return capWatts === undefined || speedRead === undefined || drawWatts === undefined
    ? undefined
    : { capWatts: toNumber(capWatts), speed: speedRead, drawWatts: toNumber(drawWatts) };
}

function readSpeed(text: string): TextResult<number> {
  const ratio = parseDecimal(text);
  return ratio === undefined
    ? {
        wrong: `found ${quotedText(text)}, but a speed is a decimal up to 1, for example 0.807, a part of full speed`,
      }
    : { value: Number(ratio.numerator) / Number(ratio.denominator) };
}

/** A curve of a model that is not there is a typing mistake; full speed is at the highest cap. */
function checkModel(
  problems: Problems,
  gpuModel: Located<string>,
  points: Located<readonly CapPoint[]> | undefined,
  nodeClasses: readonly NodeClass[],
): void {
  const models = new Set(nodeClasses.map((nodeClass) => nodeClass.gpuModel));
  if (!models.has(gpuModel.value)) {
    problems.add(
      gpuModel.at,
      `no node class has the GPU model "${gpuModel.value}"${didYouMean(gpuModel.value, models)}: the file has ${listed(models)}`,
    );
    return;
  }
  const full = points?.value.at(-1)?.capWatts;
  for (const { name: className, gpuModel: model, gpuCap } of nodeClasses) {
    const highest = gpuCap === undefined ? undefined : toNumber(gpuCap.highestWatts);
    if (
      model === gpuModel.value &&
      points !== undefined &&
      highest !== undefined &&
      full !== highest
    ) {
      problems.add(
        points.at,
        `the curve reaches full speed at ${full} W, but node class "${className}" has its highest cap at ${highest} W: correct one of them`,
      );
    }
  }
}
