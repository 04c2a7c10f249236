import { toNumber } from "@ertis/quantities";
import type { JobSpec, RetryPolicy, Workload } from "@ertis/scheduler-engine";

/**
 * A stable number below 2^52 for what somebody asks for: the same job sent again has the same one.
 * Not a cryptographic hash and not a secret: a caller who finds two jobs with one number can only
 * mislead himself, because the owner is part of it.
 *
 * Numbers of accepted jobs are in logs. A change of this function makes a retry that crosses the
 * upgrade look like another job: it is then refused, never run twice.
 */
export function bodyHash(owner: string, spec: JobSpec): number {
  return bodyHashOf(owner, spec.name, hashOfCommon(spec));
}

/** The same from a part that was hashed before, see `hashOfCommon`. */
export function bodyHashOf(owner: string, name: string, common: number): number {
  start();
  text(owner);
  text(name);
  number(common);
  return finish();
}

/** The part of it that jobs have in common which differ only in their name. */
export function hashOfCommon(spec: JobSpec): number {
  const retry = partHash(spec.retry, addRetry);
  const labels = partHash(spec.labels, record);
  const workload = partHash(spec.workload, addWorkload);
  start();
  text(spec.project);
  number(spec.nodeCount);
  number(spec.gpusPerNode);
  text(spec.gpuModel);
  text(spec.site);
  number(toNumber(spec.walltime));
  text(spec.priorityClass);
  number(spec.beginAt === undefined ? 0 : toNumber(spec.beginAt));
  number((spec.preemptible ? 1 : 0) + (spec.isHeld ? 2 : 0));
  number(spec.taskCount);
  number(spec.taskThrottle);
  number(spec.dependencies.length);
  for (const dependency of spec.dependencies) {
    number(dependency.job);
    text(dependency.condition);
  }
  number(retry);
  number(labels);
  number(workload);
  addFlexibility(spec);
  return finish();
}

/** Adds nothing for a job that does not bend, so that it keeps the number it had before there was this. */
function addFlexibility(spec: JobSpec): void {
  const { nodeCountMin, walltimeMin, flexibilityTier, workloadClass, capMin } = spec;
  const { deadline, checkpoint } = spec;
  const isPlain =
    nodeCountMin === spec.nodeCount &&
    walltimeMin === spec.walltime &&
    flexibilityTier === 0 &&
    workloadClass === "" &&
    toNumber(capMin) === 0 &&
    deadline === undefined &&
    checkpoint === undefined;
  if (isPlain) {
    return;
  }
  number(nodeCountMin);
  number(toNumber(walltimeMin));
  number(flexibilityTier);
  text(workloadClass);
  number(toNumber(capMin));
  number(deadline === undefined ? 0 : toNumber(deadline));
  number(checkpoint === undefined ? 0 : 1 + toNumber(checkpoint.save));
  number(checkpoint === undefined ? 0 : toNumber(checkpoint.restore));
}

/** Parts that many jobs share (see `SharedParts`) are hashed once. */
const partHashes = new WeakMap<object, number>();

function partHash<Part extends object>(part: Part, add: (part: Part) => void): number {
  let found = partHashes.get(part);
  if (found === undefined) {
    start();
    add(part);
    found = finish();
    partHashes.set(part, found);
  }
  return found;
}

function addRetry(retry: RetryPolicy): void {
  number(retry.maxRetries);
  texts(retry.categories);
}

function addWorkload(workload: Workload): void {
  text(workload.image);
  text(workload.script);
  text(workload.workingDirectory);
  texts(workload.command);
  texts(workload.args);
  record(workload.environment);
}

// Two lanes of 32 bits, each mixed by a multiplication with an odd constant and a shift (the scheme of
// MurmurHash, public domain). Module state instead of an object: this runs for every job.
let low = 0;
let high = 0;

function start(): void {
  low = 0x9e37_79b9;
  high = 0x85eb_ca6b;
}

function word(value: number): void {
  low = Math.imul(low ^ value, 0x9e37_79b1);
  low ^= low >>> 15;
  high = Math.imul(high ^ value, 0x85eb_ca77);
  high ^= high >>> 13;
}

/** Length first, so that two neighbouring texts cannot trade characters. */
function text(value: string): void {
  const { length } = value;
  word(length);
  for (let index = 0; index < length; index += 1) {
    word(value.charCodeAt(index));
  }
}

function number(value: number): void {
  // Bitwise operations take the lower 32 bits by themselves.
  word(value);
  word(value < 0x1_0000_0000 ? 0 : Math.floor(value / 0x1_0000_0000));
}

function texts(values: readonly string[]): void {
  word(values.length);
  for (const value of values) {
    text(value);
  }
}

/** In the order of the keys, which `sharedRecord` sorts: a map has no order on the wire. */
function record(values: Readonly<Record<string, string>>): void {
  let count = 0;
  for (const key in values) {
    text(key);
    text(values[key] ?? "");
    count += 1;
  }
  word(count);
}

/** 26 bits of each lane. */
function finish(): number {
  word(0);
  return (high >>> 6) * 0x400_0000 + (low >>> 6);
}
