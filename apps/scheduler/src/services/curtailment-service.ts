import type {
  CancelCurtailmentRequest,
  CancelCurtailmentResponse,
  CurtailmentSpec,
  ForeseenMiss,
  GetComplianceRequest,
  GetComplianceResponse,
  ListCurtailmentsRequest,
  ListCurtailmentsResponse,
  MovedStart,
  PreviewCurtailmentRequest,
  PreviewCurtailmentResponse,
  ScheduleCurtailmentRequest,
  ScheduleCurtailmentResponse,
} from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import {
  complianceOf,
  type Curtailment,
  curtailmentOf,
  type EngineState,
  heldBelow,
  listCurtailments as listViews,
  previewCurtailment as preview,
} from "@ertis/scheduler-engine";
import type { Person } from "../auth/people.ts";
import { pageSizeDefault, pageSizeMax, reasonLengthMax } from "../limits/limits.ts";
import { complianceToApi } from "../mapping/compliance-to-api.ts";
import { refusalToApi } from "../mapping/curtailment-refusal.ts";
import {
  checkCurtailmentSpec,
  curtailmentFromApi,
  isSameAsk,
} from "../mapping/curtailment-from-api.ts";
import { curtailmentToApi, missToApi, previewToApi } from "../mapping/curtailment-to-api.ts";
import { movedStartsBy } from "./moved-starts.ts";
import { encodePageToken, questionMark } from "../mapping/page-token.ts";
import { invalid, invalidField, Refusal } from "../mapping/refusal.ts";
import { checkIdentifier, checkReason } from "../mapping/spec-names.ts";
import { quoted, type Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { positionOf } from "./power-service.ts";
import { pageSizeOf, requestOrRefuse } from "./requests.ts";
import { resolveSite } from "./sites.ts";

export async function previewCurtailment(
  { scheduler, clock }: ServiceContext,
  { spec }: PreviewCurtailmentRequest,
  person: Person,
): Promise<PreviewCurtailmentResponse | Refusal> {
  const checked = checkedSpec(spec, { isReasonRequired: false }, []);
  if (checked instanceof Refusal) {
    return checked;
  }
  return scheduler.read(({ state }, sequence) => {
    const nowMs = Math.max(state.nowMs, toNumber(clock.now()));
    const asked = askedOf(state, checked, { id: "(preview)", person: person.name, nowMs });
    if (asked instanceof Refusal) {
      return asked;
    }
    const at = { computedAtSequence: sequence, computedAtTimeMs: state.nowMs };
    const answer = preview(state, asked);
    if (answer.kind === "preview") {
      const value = previewToApi(state, {
        ...answer,
        curtailment: { ...answer.curtailment, id: "" },
      });
      return { result: { $case: "preview", value }, ...at };
    }
    const value = refusalToApi(state, asked, answer, answer.infeasible);
    return { result: { $case: "refusal", value }, ...at };
  });
}

export async function scheduleCurtailment(
  { scheduler, clock }: ServiceContext,
  { curtailmentId: id, spec }: ScheduleCurtailmentRequest,
  person: Person,
): Promise<ScheduleCurtailmentResponse | Refusal> {
  const violations: Violation[] = [];
  checkIdentifier("curtailment_id", id, violations);
  const checked = checkedSpec(spec, { isReasonRequired: true }, violations);
  if (checked instanceof Refusal) {
    return checked;
  }
  const before = await scheduler.read(({ state }) => {
    const nowMs = Math.max(state.nowMs, toNumber(clock.now()));
    const asked = askedOf(state, checked, { id, person: person.name, nowMs });
    const known = curtailmentOf(state, id)?.curtailment;
    const isKnown =
      known !== undefined && !(asked instanceof Refusal) && isSameAsk(known, asked, checked);
    return { asked, isKnown };
  });
  if (before.asked instanceof Refusal) {
    return before.asked;
  }
  let movedStarts: MovedStart[] = [];
  let foreseenMiss: ForeseenMiss | undefined;
  if (!before.isKnown) {
    const reply = await requestOrRefuse(scheduler, {
      kind: "schedule-curtailment",
      by: person.name,
      curtailment: before.asked,
    });
    if (reply instanceof Refusal) {
      return reply;
    }
    const missed = reply.kind === "done" ? reply.missed : undefined;
    foreseenMiss = missed && missToApi(missed);
    movedStarts = await movedStartsBy(scheduler, reply);
  }
  return scheduler.read(({ state }, sequence) => ({
    curtailment: shown(state, id),
    sequence,
    movedStarts,
    foreseenMiss,
  }));
}

export async function cancelCurtailment(
  { scheduler }: ServiceContext,
  { curtailmentId: id, reason }: CancelCurtailmentRequest,
  person: Person,
): Promise<CancelCurtailmentResponse | Refusal> {
  const violations: Violation[] = [];
  checkIdentifier("curtailment_id", id, violations);
  checkReason("reason", reason, { isRequired: true, lengthMax: reasonLengthMax }, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  // Once it is cancelled caps rise, and nobody could tell any more what it held.
  const held = await scheduler.read(({ state }) => heldBelow(state, id));
  const reply = await requestOrRefuse(scheduler, {
    kind: "cancel-curtailment",
    by: person.name,
    reason,
    id,
  });
  return reply instanceof Refusal
    ? reply
    : scheduler.read(({ state }, sequence) => ({
        curtailment: shown(state, id),
        sequence,
        ...held,
      }));
}

export async function listCurtailments(
  { scheduler }: ServiceContext,
  request: ListCurtailmentsRequest,
): Promise<ListCurtailmentsResponse | Refusal> {
  const { site, domainId, includeEnded } = request;
  const violations: Violation[] = [];
  const limits = { standard: pageSizeDefault, max: pageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const mark = questionMark(["curtailments", site, domainId, String(includeEnded)]);
  const after = positionOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const { views, sequence } = await scheduler.read(({ state }, at) => ({
    views: listViews(state),
    sequence: at,
  }));
  const matching = views.toReversed().filter(({ curtailment, phase }) => {
    const isOpen = phase !== "over" && phase !== "cancelled";
    return (
      (isOpen || includeEnded) &&
      (site === "" || curtailment.site === site) &&
      (domainId === "" || curtailment.domain === domainId)
    );
  });
  const from =
    after === undefined ? 0 : 1 + matching.findIndex(({ curtailment }) => curtailment.id === after);
  const shownViews = matching.slice(from, from + size);
  const last = shownViews.at(-1);
  const isMore = from + shownViews.length < matching.length;
  return {
    curtailments: shownViews.map(curtailmentToApi),
    nextPageToken: isMore && last !== undefined ? encodePageToken(last.curtailment.id, mark) : "",
    sequence,
  };
}

export async function getCompliance(
  { scheduler }: ServiceContext,
  { curtailmentId: id }: GetComplianceRequest,
): Promise<GetComplianceResponse | Refusal> {
  return scheduler.read(({ state }, sequence) => {
    const compliance = complianceOf(state, id);
    return compliance === undefined
      ? new Refusal("UNKNOWN_CURTAILMENT", `curtailment ${quoted(id)} is not known (any more)`)
      : { report: complianceToApi(state, compliance), sequence };
  });
}

function shown(state: EngineState, id: string): ReturnType<typeof curtailmentToApi> | undefined {
  const view = curtailmentOf(state, id);
  return view === undefined ? undefined : curtailmentToApi(view);
}

function checkedSpec(
  spec: CurtailmentSpec | undefined,
  rules: { readonly isReasonRequired: boolean },
  violations: Violation[],
): CurtailmentSpec | Refusal {
  if (spec === undefined) {
    return invalidField("spec", "is not set; say what is asked");
  }
  checkCurtailmentSpec(spec, rules, violations);
  return violations.length > 0 ? invalid(violations) : spec;
}

function askedOf(
  state: EngineState,
  spec: CurtailmentSpec,
  who: { readonly id: string; readonly person: string; readonly nowMs: number },
): Curtailment | Refusal {
  const site = resolveSite(state, { site: "", domainId: spec.domainId });
  return site instanceof Refusal ? site : curtailmentFromApi(state, spec, { ...who, site });
}
