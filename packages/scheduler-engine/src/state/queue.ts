import { toNumber } from "@ertis/quantities";
import { type JobSpec, priorityClasses } from "../words/job-spec.ts";
import type { KeptCandidate } from "./candidate.ts";
import type { Job } from "./job.ts";
import { ReclaimsInVain } from "./reclaims-in-vain.ts";
import { ShapeJobs } from "./shape-jobs.ts";
import type { Pool } from "./site-state.ts";

/**
 * Jobs that are the same to a placement pass. One probe answers for all of them, which is what
 * makes a pass over a hundred thousand jobs cheap. Walltimes are grouped in steps of a quarter of
 * a doubling; a probe uses the exact walltime of the job that is asked for.
 */
export interface Shape {
  /** Position in `priorityClasses`. */
  readonly priority: number;
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly gpuModel: string;
  readonly site: string;
  readonly walltimeStep: number;
  /** How its jobs may bend; empty: not at all. */
  readonly bend: string;
  readonly jobs: ShapeJobs;
  /**
   * Release count of the engine at which the first job last did not fit; until something is
   * released, it still does not. -1: not known. A cache: never decides anything by itself.
   */
  blockedAtRelease: number;
  /** Walltime of the job that did not fit: a shorter one is probed anew. */
  blockedWalltimeMs: number;
  /** Accounts that may stop others for what they are guaranteed have each a no of their own. */
  readonly reclaimsInVain: ReclaimsInVain;
  /** Where its jobs may go; a cache of `poolsFor`, good for one version of the sites. */
  pools: readonly Pool[];
  poolsVersion: number;
  /** The first of its only account, as it last stood in line; undefined: not known. A cache. */
  candidate: KeptCandidate | undefined;
}

/** Eligible jobs by shape. */
export class JobQueue {
  /** By GPU model and site, then by the rest as one number. */
  readonly #shapesByPlace = new Map<string, Map<string, Map<number, Shape>>>();
  readonly #shapes = new Set<Shape>();
  /** Shapes that got a job since the last pass, or whose answer may have changed. */
  readonly #fresh = new Set<Shape>();

  /** In no order that may decide anything. */
  shapes(): IterableIterator<Shape> {
    return this.#shapes.values();
  }

  get shapeCount(): number {
    return this.#shapes.size;
  }

  /** The shape of a spec, made when it is new. */
  shapeOf(spec: JobSpec): Shape {
    const { gpuModel, site } = spec;
    const bend = bendOf(spec);
    const shapes = this.#shapesAt({ gpuModel, site, bend });
    const found = shapes.get(shapeNumber(spec));
    if (found !== undefined) {
      return found;
    }
    const shape: Shape = {
      priority: priorityClasses.indexOf(spec.priorityClass),
      nodeCount: spec.nodeCount,
      gpusPerNode: spec.gpusPerNode,
      gpuModel: spec.gpuModel,
      site: spec.site,
      walltimeStep: walltimeStep(toNumber(spec.walltime)),
      bend,
      jobs: new ShapeJobs(),
      blockedAtRelease: -1,
      blockedWalltimeMs: 0,
      reclaimsInVain: new ReclaimsInVain(),
      pools: [],
      poolsVersion: -1,
      candidate: undefined,
    };
    shapes.set(shapeNumber(spec), shape);
    this.#shapes.add(shape);
    return shape;
  }

  /** Strings of a few models and sites, which have their hashes already: cheaper than one long key. */
  #shapesAt(at: Pick<Shape, "gpuModel" | "site" | "bend">): Map<number, Shape> {
    const { gpuModel } = at;
    const site = at.bend === "" ? at.site : `${at.site}|${at.bend}`;
    let bySite = this.#shapesByPlace.get(gpuModel);
    if (bySite === undefined) {
      bySite = new Map();
      this.#shapesByPlace.set(gpuModel, bySite);
    }
    let shapes = bySite.get(site);
    if (shapes === undefined) {
      shapes = new Map();
      bySite.set(site, shapes);
    }
    return shapes;
  }

  /** Puts an eligible job in line, once. */
  add(job: Job, account = 0): void {
    if (job.isQueued) {
      return;
    }
    const shape = this.shapeOf(job.spec);
    job.shape = shape;
    job.isQueued = true;
    shape.jobs.push(job, account);
    shape.candidate = undefined;
    this.#fresh.add(shape);
  }

  /** To be told of whatever may keep a job from starting: another is the first of its shape then. */
  mayHaveLeft({ shape }: Job): void {
    if (shape !== undefined) {
      shape.candidate = undefined;
    }
  }

  get hasFresh(): boolean {
    return this.#fresh.size > 0;
  }

  takeFresh(): Shape[] {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    return fresh;
  }

  /** The shape may have an answer again that the last pass did not see. */
  refresh(shape: Shape): void {
    this.#fresh.add(shape);
  }

  /** Everybody leaves, to be put in line anew. */
  clear(): void {
    for (const shape of this.#shapes) {
      for (const line of shape.jobs.lines()) {
        for (const job of line) {
          job.isQueued = false;
          job.shape = undefined;
        }
      }
    }
    this.#shapesByPlace.clear();
    this.#shapes.clear();
    this.#fresh.clear();
  }

  removeIfEmpty(shape: Shape): void {
    if (shape.jobs.isEmpty) {
      this.#shapesAt(shape).delete(numberOf(shape));
      this.#shapes.delete(shape);
      this.#fresh.delete(shape);
    }
  }
}

/** Most jobs do not bend at all. Which curve they have does not matter then. */
function bendOf(spec: JobSpec): string {
  const { flexibilityTier, nodeCount, nodeCountMin, workloadClass } = spec;
  const capMin = toNumber(spec.capMin);
  const walltimeMin = toNumber(spec.walltimeMin);
  const isRigid =
    flexibilityTier === 0 &&
    nodeCountMin === nodeCount &&
    walltimeMin === toNumber(spec.walltime) &&
    workloadClass === "" &&
    capMin === 0;
  if (isRigid) {
    return "";
  }
  const step = walltimeStep(walltimeMin);
  return `${flexibilityTier}|${nodeCountMin}|${step}|${capMin}|${workloadClass}`;
}

function shapeNumber(spec: JobSpec): number {
  return numberOf({
    priority: priorityClasses.indexOf(spec.priorityClass),
    nodeCount: spec.nodeCount,
    gpusPerNode: spec.gpusPerNode,
    walltimeStep: walltimeStep(toNumber(spec.walltime)),
  });
}

/** Exact: 4 classes, 17 counts of GPUs, at most 160 steps of walltime, any count of nodes below 2^38. */
function numberOf(
  shape: Pick<Shape, "priority" | "nodeCount" | "gpusPerNode" | "walltimeStep">,
): number {
  return (
    ((shape.nodeCount * 32 + shape.gpusPerNode) * 256 + shape.walltimeStep) * 4 + shape.priority
  );
}

/** The shortest walltime of a step. */
export function shortestWalltimeMs(step: number): number {
  const size = 60_000 * 2 ** Math.floor(step / 4);
  return step === 0 ? 0 : size + (size * (step % 4)) / 4;
}

/** Four steps to a doubling, in integer arithmetic, so that every machine agrees. */
function walltimeStep(walltimeMs: number): number {
  let step = 0;
  let size = 60_000;
  while (size * 2 <= walltimeMs) {
    size *= 2;
    step += 4;
  }
  return walltimeMs < size ? step : step + Math.floor(((walltimeMs - size) * 4) / size);
}
