import type { PendingDecision } from "./pending.ts";
import { toRecord } from "./state-export.ts";

/**
 * The exported state with nothing pending. An object that was made joins the resources, known by its id
 * alone: the refresh that follows reads it, and looks up what pending updates and deletes came to. One
 * that was not made is struck out.
 *
 * The engine's own `refresh --import-pending-creates` is not used: in 3.259 it loses what it imports when
 * the state is written again.
 */
export function settleState(exported: string, decisions: readonly PendingDecision[]): string {
  const file = toRecord(JSON.parse(exported));
  const deployment = toRecord(file["deployment"]);
  const resources = toList(deployment["resources"]);
  const known = new Set(resources.map((resource) => toRecord(resource)["urn"]));
  const idOf = new Map(
    decisions.flatMap((decision) =>
      decision.kind === "import" ? [[decision.urn, decision.id] as const] : [],
    ),
  );
  const made = toList(deployment["pending_operations"]).flatMap((operation) => {
    const resource = toRecord(toRecord(operation)["resource"]);
    const id = idOf.get(String(resource["urn"]));
    return id === undefined || known.has(resource["urn"]) ? [] : [{ ...resource, id, outputs: {} }];
  });
  return JSON.stringify({
    ...file,
    deployment: { ...deployment, resources: [...resources, ...made], pending_operations: [] },
  });
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
