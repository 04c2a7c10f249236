import { Refusal } from "../mapping/refusal.ts";
import { isOperator, maySubmit, type Person } from "./people.ts";

/** What a call needs. `anybody`: no token at all (health and reflection). */
export type Permission = "anybody" | "read" | "submit" | "operate";

/** A method that is not named here needs an operator, so that a forgotten one is not open. */
const byMethod: ReadonlyMap<string, Permission> = new Map<string, Permission>([
  ["/ertis.v1.JobService/SubmitJobs", "submit"],
  ["/ertis.v1.JobService/PlanJob", "submit"],
  ["/ertis.v1.JobService/GetJob", "read"],
  ["/ertis.v1.JobService/ListJobs", "read"],
  ["/ertis.v1.JobService/WatchJobs", "read"],
  ["/ertis.v1.JobService/ExplainJob", "read"],
  ["/ertis.v1.JobService/CancelJobs", "submit"],
  ["/ertis.v1.JobService/HoldJobs", "submit"],
  ["/ertis.v1.JobService/ReleaseJobs", "submit"],
  ["/ertis.v1.PowerService/GetPowerTree", "read"],
  ["/ertis.v1.PowerService/WatchPower", "read"],
  ["/ertis.v1.PowerService/ListBudgets", "read"],
  ["/ertis.v1.PowerService/SetBudget", "operate"],
  ["/ertis.v1.PowerService/RemoveBudget", "operate"],
  ["/ertis.v1.PowerService/PreviewCurtailment", "operate"],
  ["/ertis.v1.PowerService/ScheduleCurtailment", "operate"],
  ["/ertis.v1.PowerService/CancelCurtailment", "operate"],
  ["/ertis.v1.PowerService/ListCurtailments", "read"],
  ["/ertis.v1.PowerService/GetCompliance", "read"],
  ["/ertis.v1.AccountService/SetAccounts", "operate"],
  ["/ertis.v1.AccountService/ListAccounts", "read"],
  ["/ertis.v1.NodeService/ListNodes", "read"],
  ["/ertis.v1.NodeService/CordonNode", "operate"],
  ["/ertis.v1.NodeService/UncordonNode", "operate"],
  ["/ertis.v1.NodeService/DrainNode", "operate"],
  ["/ertis.v1.NodeService/ConfirmNodePowerOff", "operate"],
  ["/ertis.v1.InfoService/GetServerInfo", "read"],
  ["/ertis.simulation.v1.ClockService/Advance", "operate"],
  ["/ertis.simulation.v1.ClockService/GetClock", "read"],
  ["/grpc.health.v1.Health/Check", "anybody"],
  ["/grpc.health.v1.Health/Watch", "anybody"],
  ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "anybody"],
  ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "anybody"],
]);

export function permissionFor(path: string): Permission {
  return byMethod.get(path) ?? "operate";
}

/** The refusal, or undefined when the person may call this. */
export function permissionProblem(path: string, person: Person): Refusal | undefined {
  const permission = permissionFor(path);
  if (permission === "submit" && !maySubmit(person)) {
    return new Refusal(
      "NOT_PERMITTED",
      `${person.name} may look (${person.roles.join(", ")}); a researcher or an operator may do this`,
    );
  }
  if (permission === "operate" && !isOperator(person)) {
    return new Refusal(
      "NOT_PERMITTED",
      `${person.name} is ${person.roles.join(", ")}; only an operator may do this`,
    );
  }
  return undefined;
}
