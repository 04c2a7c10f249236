import { toNumber, type Watts } from "@ertis/quantities";
import { power, powerRange } from "./fields.ts";
import {
  Block,
  type Located,
  oneOf,
  type Place,
  type Problems,
  quotedText,
  type TextResult,
  type Value,
  whole,
} from "./reader/index.ts";
import type { GpuCap, NodeClass } from "./site.ts";
import { checkSources } from "./sources.ts";

const figureKeys: readonly string[] = ["gpuCount", "idle", "peak", "gpuCap"];

/** Reads the block of one node class. Undefined when a part of it is missing or wrong. */
export function readNodeClass(
  problems: Problems,
  className: string,
  value: Value,
): NodeClass | undefined {
  const block = Block.open(problems, value, {
    what: "a node class",
    keys: ["gpuModel", ...figureKeys, "partUse", "source"],
  });
  if (block === undefined) {
    return undefined;
  }
  checkSources(block, figureKeys);
  const gpuModel = block.text("gpuModel", readGpuModel, "H100-SXM-80GB")?.value;
  const gpuCount = block.text("gpuCount", whole(1, 16), "8")?.value;
  const idleWatts = block.text("idle", power, "2.5 kW")?.value;
  const peak = block.text("peak", power, "10.2 kW");
  const partUse = block.text("partUse", oneOf(["share", "peak"] as const), "share")?.value;
  const gpuCap = block.optionalText("gpuCap", powerRange);
  if (idleWatts !== undefined && peak !== undefined) {
    checkIdleAndPeak(problems, peak.at, { idleWatts, peakWatts: peak.value });
  }
  if (
    gpuModel === undefined ||
    gpuCount === undefined ||
    idleWatts === undefined ||
    peak === undefined ||
    partUse === undefined
  ) {
    return undefined;
  }
  const read: NodeClass = {
    name: className,
    gpuModel,
    gpuCount,
    idleWatts,
    peakWatts: peak.value,
    partUse,
  };
  if (gpuCap === undefined) {
    return read;
  }
  checkGpuCap(problems, gpuCap, read);
  return { ...read, gpuCap: gpuCap.value };
}

export function readGpuModel(text: string): TextResult<string> {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text)
    ? { value: text }
    : {
        wrong: `${quotedText(text)} is not a GPU model: use letters, digits and . _ -, for example H100-SXM-80GB`,
      };
}

function checkIdleAndPeak(
  problems: Problems,
  at: Place,
  { idleWatts, peakWatts }: { readonly idleWatts: Watts; readonly peakWatts: Watts },
): void {
  if (idleWatts > peakWatts) {
    problems.add(
      at,
      `peak ${String(peakWatts)} W is below idle ${String(idleWatts)} W: peak is the most the node may draw, correct one of them`,
    );
  } else if (toNumber(peakWatts) === 0) {
    problems.add(at, "peak is 0 W: write the most the node may draw");
  }
}

/**
 * A capped node's bound is its peak less what the caps take off. That is only true when the caps
 * can take off no more than GPUs add to the idle draw.
 */
function checkGpuCap(problems: Problems, cap: Located<GpuCap>, nodeClass: NodeClass): void {
  const { gpuCount } = nodeClass;
  const lowest = toNumber(cap.value.lowestWatts);
  const highest = toNumber(cap.value.highestWatts);
  const peak = toNumber(nodeClass.peakWatts);
  const dynamic = peak - toNumber(nodeClass.idleWatts);
  if (highest * gpuCount > peak) {
    problems.add(
      cap.at,
      `${gpuCount} GPUs at ${highest} W are more than the node's peak of ${peak} W: correct the cap or the peak`,
    );
  } else if (dynamic >= 0 && (highest - lowest) * gpuCount > dynamic) {
    problems.add(
      cap.at,
      `caps from ${highest} W down to ${lowest} W would take ${(highest - lowest) * gpuCount} W off a node, but only ${dynamic} W lie between its idle and its peak: raise the lowest cap or correct idle and peak`,
    );
  }
}
