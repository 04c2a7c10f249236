import type { SimulatedJob } from "@ertis/simulator";
import { Nodes } from "./nodes.ts";
import { gpusPerNode, idleGpuWatts, idleNodeWatts, nodeCount, speedOf } from "./plant.ts";
import type { Policy, Running } from "./policy.ts";
import { Queue } from "./queue.ts";
import type { JobEnd, RunResult } from "./run-result.ts";

/** What is kept for the job that heads the queue. */
interface Kept {
  readonly job: SimulatedJob;
  readonly atMs: number;
  readonly nodes: ReadonlySet<number>;
  /** Watts that are left at that moment after the head has started: for longer jobs that go ahead. */
  spareWatts: number;
}

interface Place {
  readonly nodes: readonly number[];
  /** What it takes of the watts that are spare when the head starts. */
  readonly spareWatts: number;
}

/**
 * A small simulator of FIFO and EASY backfill under one budget: the same speeds, power model, idle
 * accounting, switching off and walltimes as everyone. Walltimes count full speed. The job at the head
 * that does not fit keeps nodes and watts from the moment at which walltimes free them; later ones go
 * ahead only where they do not delay it.
 */
export class Baseline {
  readonly #policy: Policy;
  readonly #budgetWatts: number;
  readonly #nodes = new Nodes();
  readonly #queue = new Queue();
  readonly #running = new Set<Running>();
  readonly #ends: JobEnd[] = [];
  #floorWattsInUse = 0;
  #kept: Kept | undefined;
  #nowMs = 0;
  #joules = 0;
  #workGpuMs = 0;
  #violationCount = 0;

  constructor(policy: Policy, budgetWatts: number) {
    this.#policy = policy;
    this.#budgetWatts = budgetWatts;
  }

  run(jobs: readonly SimulatedJob[], horizonMs = Infinity): RunResult {
    this.#nowMs = jobs[0]?.submittedAtMs ?? 0;
    const stopMs = this.#nowMs + horizonMs;
    let next = 0;
    for (;;) {
      const arrivalMs = jobs[next]?.submittedAtMs ?? Infinity;
      const end = this.#nextEnd();
      const atMs = Math.min(arrivalMs, end.atMs, stopMs);
      if (atMs === Infinity) {
        break;
      }
      this.#passTo(atMs);
      if (atMs === stopMs) {
        break;
      }
      let isChanged = false;
      for (let job = jobs[next]; job !== undefined && job.submittedAtMs <= atMs; job = jobs[next]) {
        this.#queue.add(job, this.#policy.floorWatts(job));
        next += 1;
      }
      for (const running of end.atMs <= atMs ? end.running : []) {
        this.#end(running);
        isChanged = true;
      }
      if (isChanged) {
        // The head may go earlier now: its reservation is made anew.
        this.#kept = undefined;
        this.#queue.release();
      }
      this.#pass();
    }
    return {
      ends: this.#ends,
      workGpuMs: this.#workGpuMs,
      joules: this.#joules,
      violationCount: this.#violationCount,
    };
  }

  #nextEnd(): { readonly atMs: number; readonly running: readonly Running[] } {
    let atMs = Infinity;
    let running: Running[] = [];
    for (const one of this.#running) {
      const endMs = one.countedAtMs + Math.ceil(one.workLeftMs / one.speed);
      if (endMs < atMs) {
        atMs = endMs;
        running = [one];
      } else if (endMs === atMs) {
        running.push(one);
      }
    }
    return { atMs, running };
  }

  #passTo(atMs: number): void {
    const lengthMs = atMs - this.#nowMs;
    let watts = this.#nodes.idleWatts;
    for (const { gpuCount, capWatts, speed } of this.#running) {
      watts += gpuCount * (capWatts - idleGpuWatts);
      this.#workGpuMs += gpuCount * speed * lengthMs;
    }
    if (watts > this.#budgetWatts) {
      this.#violationCount += 1;
    }
    this.#joules += (watts * lengthMs) / 1_000;
    this.#nowMs = atMs;
  }

  #end(running: Running): void {
    this.#running.delete(running);
    const { job, nodes, gpuCount, floorWatts } = running;
    this.#nodes.giveBack(nodes, job.gpusPerNode);
    this.#floorWattsInUse -= gpuCount * (floorWatts - idleGpuWatts);
    this.#ends.push({ job, startedAtMs: running.startedAtMs, endedAtMs: this.#nowMs });
  }

  #pass(): void {
    let isAnyStarted = false;
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) {
      const { job, shape } = next;
      const place = this.#placeFor(job);
      if (place === undefined) {
        shape.isBlocked = true;
        if (this.#kept === undefined) {
          this.#kept = this.#reserve(job);
        }
        continue;
      }
      if (this.#kept?.job === job) {
        this.#kept = undefined;
        this.#queue.release();
      }
      if (this.#kept !== undefined) {
        this.#kept.spareWatts -= place.spareWatts;
      }
      this.#queue.take(shape);
      this.#start(job, place.nodes);
      isAnyStarted = true;
    }
    if (isAnyStarted || this.#policy.spread !== undefined) {
      this.#spread();
    }
  }

  /** Nodes for a job now, or undefined: watts of the floors, GPUs, and nothing that delays the head. */
  #placeFor(job: SimulatedJob): Place | undefined {
    const floor = this.#policy.floorWatts(job);
    const gpuWatts = job.nodeCount * job.gpusPerNode * (floor - idleGpuWatts);
    const kept = this.#kept?.job === job ? undefined : this.#kept;
    const roomWatts = this.#budgetWatts - this.#floorWattsInUse - this.#nodes.idleWatts - gpuWatts;
    const wokenMin = this.#nodes.nodesToWake(job.nodeCount, job.gpusPerNode);
    if (
      roomWatts < wokenMin * idleNodeWatts ||
      this.#nodes.countWith(job.gpusPerNode) < job.nodeCount
    ) {
      return undefined;
    }
    const isLong =
      kept !== undefined && this.#nowMs + job.walltimeMs / speedOf(job, floor) > kept.atMs;
    // On the safe side of the head: a node that this job wakes counts as kept on for it alone.
    const spareWatts = isLong ? gpuWatts + wokenMin * idleNodeWatts : 0;
    if (isLong && spareWatts > kept.spareWatts) {
      return undefined;
    }
    const nodes = this.#nodes.find(
      job.nodeCount,
      job.gpusPerNode,
      isLong ? (node) => kept.nodes.has(node) : undefined,
    );
    const wokenCount =
      nodes?.filter((node) => this.#nodes.freeOf(node) === gpusPerNode).length ?? 0;
    return nodes !== undefined && roomWatts >= wokenCount * idleNodeWatts
      ? { nodes, spareWatts }
      : undefined;
  }

  /** The earliest moment at which walltimes free GPUs and watts enough for a job. */
  #reserve(job: SimulatedJob): Kept {
    const free = Array.from({ length: nodeCount }, (_, node) => this.#nodes.freeOf(node));
    let inUseWatts = this.#floorWattsInUse;
    const ends = [...this.#running]
      .map((one) => ({ one, atMs: one.countedAtMs + one.walltimeLeftMs / one.speed }))
      .toSorted((a, b) => a.atMs - b.atMs);
    for (const { one, atMs } of ends) {
      inUseWatts -= one.gpuCount * (one.floorWatts - idleGpuWatts);
      for (const node of one.nodes) {
        free[node] = (free[node] ?? 0) + one.job.gpusPerNode;
      }
      const kept = this.#keepAt(job, free, this.#budgetWatts - inUseWatts);
      if (kept !== undefined) {
        return { job, atMs: Math.max(atMs, this.#nowMs), ...kept };
      }
    }
    return { job, atMs: Infinity, nodes: new Set(), spareWatts: this.#budgetWatts };
  }

  #keepAt(
    job: SimulatedJob,
    free: readonly number[],
    roomWatts: number,
  ): Pick<Kept, "nodes" | "spareWatts"> | undefined {
    const chosen = [...free.keys()]
      .filter((node) => (free[node] ?? 0) >= job.gpusPerNode)
      .toSorted((a, b) => (free[a] ?? 0) - (free[b] ?? 0) || a - b)
      .slice(0, job.nodeCount);
    const nodes = new Set(chosen);
    const onCount = free.filter((count, node) => count < gpusPerNode || nodes.has(node)).length;
    const floor = this.#policy.floorWatts(job);
    const gpuWatts = job.nodeCount * job.gpusPerNode * (floor - idleGpuWatts);
    const spareWatts = roomWatts - gpuWatts - onCount * idleNodeWatts;
    return chosen.length === job.nodeCount && spareWatts >= 0 ? { nodes, spareWatts } : undefined;
  }

  #start(job: SimulatedJob, nodes: readonly number[]): void {
    const floorWatts = this.#policy.floorWatts(job);
    const gpuCount = job.nodeCount * job.gpusPerNode;
    this.#nodes.take(nodes, job.gpusPerNode);
    this.#floorWattsInUse += gpuCount * (floorWatts - idleGpuWatts);
    this.#running.add({
      job,
      nodes,
      gpuCount,
      floorWatts,
      startedAtMs: this.#nowMs,
      capWatts: floorWatts,
      speed: speedOf(job, floorWatts),
      workLeftMs: job.durationMs,
      walltimeLeftMs: job.walltimeMs,
      countedAtMs: this.#nowMs,
    });
  }

  /** Raises caps as far as the budget goes. */
  #spread(): void {
    const roomWatts = this.#budgetWatts - this.#nodes.idleWatts;
    const cap = this.#policy.spread?.(this.#running, roomWatts);
    if (cap === undefined) {
      return;
    }
    for (const running of this.#running) {
      const capWatts = Math.max(cap, running.floorWatts);
      if (capWatts !== running.capWatts) {
        const doneMs = (this.#nowMs - running.countedAtMs) * running.speed;
        running.workLeftMs = Math.max(0, running.workLeftMs - doneMs);
        running.walltimeLeftMs = Math.max(0, running.walltimeLeftMs - doneMs);
        running.countedAtMs = this.#nowMs;
        running.capWatts = capWatts;
        running.speed = speedOf(running.job, capWatts);
      }
    }
  }
}
