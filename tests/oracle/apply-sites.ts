import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import { parseSite } from "@ertis/site-model";
import type { AttemptRecord } from "./job-record.ts";
import { SiteBook } from "./site-book.ts";
import type { World } from "./world.ts";

type NodeEvent = Extract<
  Event,
  {
    readonly kind:
      | "nodes-cordoned"
      | "nodes-uncordoned"
      | "nodes-draining"
      | "drain-enforced"
      | "node-lost"
      | "node-powered-off"
      | "node-returned";
  }
>;

export function applyBudget(
  world: World,
  event: Extract<Event, { readonly kind: "budget-set" | "budget-removed" | "budgets-expired" }>,
): void {
  for (const site of world.sites.values()) {
    if (event.kind === "budget-set") {
      site.budgets.delete(event.budget.id);
      if (site.site.id === event.budget.site) {
        site.budgets.set(event.budget.id, event.budget);
      }
    } else {
      for (const id of event.kind === "budget-removed" ? [event.id] : event.ids) {
        site.budgets.delete(id);
      }
    }
    site.planBudgets(world.nowMs);
  }
}

export function applySite(
  world: World,
  event: Extract<Event, { readonly kind: "site-registered" }>,
): void {
  const { file, text, phases } = event.registration;
  const result = parseSite({ file, text, phases });
  if (result.kind === "errors") {
    return;
  }
  const before = world.sites.get(result.site.id);
  const book = new SiteBook(result.site, (id) => world.deratingOf?.(id, text), before);
  world.sites.set(result.site.id, book);
  // Every domain has to be looked at: limits may have changed everywhere.
  result.site.domains.forEach((domain) => book.grown.add(domain.index));
  const held = new Map<AttemptRecord, Set<number>>();
  book.nodes.forEach((node, index) => {
    for (const attempt of node.holds.keys()) {
      held.set(attempt, (held.get(attempt) ?? new Set()).add(index));
    }
  });
  for (const [attempt, nodes] of held) {
    attempt.held = nodes;
  }
  book.planBudgets(world.nowMs);
}

export function applyNode(world: World, event: NodeEvent): void {
  const site = world.sites.get(event.site);
  const nodes = "node" in event ? [event.node] : "nodes" in event ? event.nodes : [];
  for (const node of nodes) {
    const record = site?.nodes[node];
    if (record === undefined) {
      continue;
    }
    switch (event.kind) {
      case "nodes-cordoned":
        record.isCordoned = true;
        break;
      case "nodes-uncordoned":
        record.isCordoned = false;
        record.isDraining = false;
        record.drainDeadlineMs = undefined;
        break;
      case "nodes-draining":
        record.isDraining = true;
        record.drainDeadlineMs = toNumber(event.deadline);
        break;
      case "drain-enforced":
        record.drainDeadlineMs = undefined;
        break;
      case "node-lost":
        record.isLost = true;
        break;
      case "node-powered-off":
        record.isLost = false;
        record.isOff = true;
        break;
      case "node-returned":
        record.isLost = false;
        record.isOff = false;
        break;
    }
    site?.touch(node);
  }
}
