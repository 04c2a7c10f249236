import { expect, test } from "vitest";
import { Refusal } from "../mapping/refusal.ts";
import { authenticateByToken, tokenSha256 } from "./authenticate.ts";
import { maySee, maySubmit, type Person } from "./people.ts";
import { permissionFor, permissionProblem } from "./permissions.ts";
import {
  AccountServiceService,
  ClockServiceService,
  InfoServiceService,
  JobServiceService,
  NodeServiceService,
  PowerServiceService,
} from "@ertis/api";

const person: Person = { name: "aigerim", roles: ["researcher"], projects: new Set(["nlp"]) };
const viewer: Person = { name: "saule", roles: ["viewer"], projects: new Set(["*"]) };
const authenticate = authenticateByToken([
  { person, tokenSha256: tokenSha256("a-long-secret-token-1234") },
]);

test("only the very token stands for its person", () => {
  expect(authenticate("Bearer a-long-secret-token-1234")).toBe(person);
  for (const header of [
    undefined,
    "",
    "Bearer",
    "Bearer a-long-secret-token-123",
    "Bearer a-long-secret-token-1234 ",
    "Basic a-long-secret-token-1234",
    `Bearer ${tokenSha256("a-long-secret-token-1234")}`,
    `Bearer ${"x".repeat(100_000)}`,
  ]) {
    const answer = authenticate(header);
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer instanceof Refusal ? answer.message : "").not.toContain("secret");
  }
});

test("every method of the contract has a permission of its own", () => {
  const paths = [
    JobServiceService,
    PowerServiceService,
    NodeServiceService,
    InfoServiceService,
    ClockServiceService,
    AccountServiceService,
  ].flatMap((service) => Object.values(service).map(({ path }) => path));
  // A preview changes nothing, yet is work for the scheduler; compliance is for everybody who lost something.
  const mutating =
    /Submit|Plan|Cancel|Hold|Release|Set|Remove|Cordon|Uncordon|Drain|Confirm|Advance|Schedule|Preview/;
  for (const path of paths) {
    const expected = mutating.test(path.split("/")[2] ?? "") ? /^(submit|operate)$/ : /^read$/;
    expect(permissionFor(path), path).toMatch(expected);
  }
  expect(permissionFor("/ertis.v1.JobService/Unheard")).toBe("operate");
});

test("roles say what a person may do and see", () => {
  expect(maySubmit(viewer)).toBe(false);
  expect(permissionProblem("/ertis.v1.JobService/SubmitJobs", viewer)?.reason).toBe(
    "NOT_PERMITTED",
  );
  expect(permissionProblem("/ertis.v1.JobService/ListJobs", viewer)).toBeUndefined();
  expect(permissionProblem("/ertis.v1.PowerService/SetBudget", person)?.reason).toBe(
    "NOT_PERMITTED",
  );
  expect(maySee(person, { owner: "bolat", project: "vision" })).toBe(false);
  expect(maySee(person, { owner: "bolat", project: "nlp" })).toBe(true);
  expect(maySee(person, { owner: "aigerim", project: "vision" })).toBe(true);
  expect(maySee(viewer, { owner: "bolat", project: "vision" })).toBe(true);
});
