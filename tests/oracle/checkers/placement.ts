import { toNumber } from "@ertis/quantities";
import type { AttemptStarted } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import { bitCount, type SiteBook } from "../site-book.ts";

/** Gangs are whole, on well nodes of one GPU model, and no GPU is in two placements. */
export function placementChecker(): Checker {
  let wattsBefore = 0;
  return {
    property: "placement",
    before(event, moment) {
      if (event.kind !== "attempt-started") {
        return;
      }
      const book = moment.world.sites.get(event.placement.site);
      if (book === undefined) {
        moment.report(`site ${event.placement.site} is not registered`);
        return;
      }
      wattsBefore = wattsOf(book, event.placement.nodes);
      checkGang(book, event, moment);
      event.placement.nodes.forEach((node, index) => {
        checkNode(book, node, event.placement.gpuMasks[index] ?? 0, moment);
      });
    },
    after(event, { world, report }) {
      const book = event.kind === "attempt-started" && world.sites.get(event.placement.site);
      if (event.kind !== "attempt-started" || typeof book !== "object") {
        return;
      }
      const growth = Math.max(0, wattsOf(book, event.placement.nodes) - wattsBefore);
      if (growth !== toNumber(event.placement.powerReserved)) {
        report(`reserves ${event.placement.powerReserved} W, the bounds grew by ${growth} W`);
      }
    },
  };
}

function wattsOf(book: SiteBook, nodes: readonly number[]): number {
  return nodes.reduce((sum, node) => sum + book.ledger.nodeWatts(node), 0);
}

function checkGang(book: SiteBook, event: AttemptStarted, { world, report }: Moment): void {
  const { nodes, gpuMasks, site } = event.placement;
  const spec = world.jobs.get(event.attempt.job)?.spec;
  if (spec === undefined) {
    return;
  }
  const isWhole = nodes.length <= spec.nodeCount && nodes.length >= spec.nodeCountMin;
  if (!isWhole || new Set(nodes).size !== nodes.length) {
    report(`a gang of ${spec.nodeCount} nodes got ${nodes.join(", ")}`);
  }
  if (nodes.some((node, index) => index > 0 && node <= (nodes[index - 1] ?? -1))) {
    report(`nodes are not in rising order: ${nodes.join(", ")}`);
  }
  if (gpuMasks.length !== nodes.length || gpuMasks.some((m) => bitCount(m) !== spec.gpusPerNode)) {
    report(`wanted ${spec.gpusPerNode} GPUs on each node, got masks ${gpuMasks.join(", ")}`);
  }
  if (spec.site !== "" && spec.site !== site) {
    report(`may run at ${spec.site} only, got ${site}`);
  }
  const models = new Set(nodes.map((node) => book.classOf(node)?.gpuModel));
  if (models.size !== 1 || (spec.gpuModel !== "" && !models.has(spec.gpuModel))) {
    report(`wanted GPU model "${spec.gpuModel}", got ${[...models].join(", ")}`);
  }
}

function checkNode(book: SiteBook, node: number, mask: number, { report }: Moment): void {
  const record = book.nodes[node];
  const gpuCount = book.classOf(node)?.gpuCount;
  if (record === undefined || gpuCount === undefined) {
    report(`node ${node} does not exist`);
    return;
  }
  if (record.isCordoned || record.isDraining || record.isLost || record.isOff) {
    report(`node ${node} takes no new attempts`);
  }
  if (mask >= 2 ** gpuCount) {
    report(`node ${node} has ${gpuCount} GPUs, not those of mask ${mask}`);
  }
  for (const [other, taken] of record.holds) {
    if ((taken & mask) !== 0) {
      report(`node ${node} mask ${mask}: GPUs held by job ${other.job} task ${other.task}`);
    }
  }
}
