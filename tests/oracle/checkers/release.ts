import type { AttemptKey, Entry, Event, Observation } from "@ertis/scheduler-engine";
import { type Checker, keyText } from "../checker.ts";

/**
 * A bound ends only when somebody confirmed it: the stop on the node, or its power-off. A lost node
 * keeps its bound until its power-off, whatever else is said about it.
 */
export function releaseChecker(): Checker {
  return {
    property: "release",
    before(event, { world, entry, index, report }) {
      if (event.kind === "node-powered-off" && !namesPowerOff(entry, event.node)) {
        report(`node ${event.node} was not confirmed to be off`);
      }
      if (event.kind !== "placement-released") {
        return;
      }
      const attempt = world.attemptOf(event.attempt);
      if (attempt === undefined || attempt.held.size === 0) {
        report(`${keyText(event.attempt)} holds nothing`);
        return;
      }
      for (const node of event.nodes.length === 0 ? attempt.held : event.nodes) {
        if (!attempt.held.has(node)) {
          report(`${keyText(event.attempt)} does not hold node ${node}`);
        }
        const isOff = followedByPowerOff(entry, index, attempt.site, node);
        if (world.sites.get(attempt.site)?.nodes[node]?.isLost === true && !isOff) {
          report(`node ${node} is lost: its bound stays until its power-off`);
        }
        if (!isOff && !isConfirmed(entry, event.attempt, node)) {
          report(`nobody confirmed the stop of ${keyText(event.attempt)} on node ${node}`);
        }
      }
    },
  };
}

function followedByPowerOff(entry: Entry, index: number, site: string, node: number): boolean {
  return entry.events
    .slice(index + 1)
    .some(
      (one: Event) => one.kind === "node-powered-off" && one.site === site && one.node === node,
    );
}

function namesPowerOff({ command }: Entry, node: number): boolean {
  return command.kind === "confirm-power-off"
    ? command.nodes.includes(node)
    : command.kind === "report" &&
        command.observations.some((one) => one.kind === "node-powered-off" && one.node === node);
}

function isConfirmed({ command }: Entry, key: AttemptKey, node: number): boolean {
  const confirms = (one: Observation): boolean =>
    one.kind === "stop-confirmed" &&
    one.attempt.job === key.job &&
    one.attempt.task === key.task &&
    one.attempt.attempt === key.attempt &&
    (one.nodes.length === 0 || one.nodes.includes(node));
  return command.kind === "report" && command.observations.some(confirms);
}
