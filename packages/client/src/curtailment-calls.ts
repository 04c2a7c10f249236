import {
  type CancelCurtailmentResponse,
  type Curtailment,
  CurtailmentSpec,
  type GetComplianceResponse,
  PowerServiceService,
  type PreviewCurtailmentResponse,
  type ScheduleCurtailmentResponse,
} from "@ertis/api";
import type { CallOptions } from "./caller.ts";
import type { Context } from "./context.ts";
import { iteratePages } from "./pages.ts";

/** Which curtailments. */
export interface CurtailmentScope {
  readonly site?: string;
  readonly domainId?: string;
  /** Also those that have ended or were cancelled. */
  readonly includeEnded?: boolean;
}

/** Temporary lower ceilings. All rejections are `ErtisError`. */
export interface CurtailmentCalls {
  /** What it would do, or why it cannot be kept; changes nothing. */
  previewCurtailment(
    spec: Partial<CurtailmentSpec>,
    options?: CallOptions,
  ): Promise<PreviewCurtailmentResponse>;
  /** Schedules it; the same id and spec give the same answer: safe to repeat. */
  scheduleCurtailment(
    curtailmentId: string,
    spec: Partial<CurtailmentSpec>,
    options?: CallOptions,
  ): Promise<ScheduleCurtailmentResponse>;
  cancelCurtailment(
    curtailmentId: string,
    reason: string,
    options?: CallOptions,
  ): Promise<CancelCurtailmentResponse>;
  /** The last to begin first, fetched as they are read. */
  curtailments(scope?: CurtailmentScope, options?: CallOptions): AsyncIterable<Curtailment>;
  /** How one that has begun was kept. */
  compliance(curtailmentId: string, options?: CallOptions): Promise<GetComplianceResponse>;
}

async function* listCurtailments(
  { caller }: Context,
  scope: CurtailmentScope,
  options: CallOptions | undefined,
): AsyncGenerator<Curtailment, void, undefined> {
  const { site = "", domainId = "", includeEnded = false } = scope;
  yield* iteratePages(async (pageToken) => {
    const request = { site, domainId, includeEnded, pageSize: 500, pageToken };
    const page = await caller.call(PowerServiceService.listCurtailments, request, options);
    return { items: page.curtailments, nextPageToken: page.nextPageToken };
  });
}

export function createCurtailmentCalls(context: Context): CurtailmentCalls {
  const { caller } = context;
  return {
    async previewCurtailment(spec, options) {
      const request = { spec: CurtailmentSpec.fromPartial(spec) };
      return caller.call(PowerServiceService.previewCurtailment, request, options);
    },
    async scheduleCurtailment(curtailmentId, spec, options) {
      const request = { curtailmentId, spec: CurtailmentSpec.fromPartial(spec) };
      return caller.call(PowerServiceService.scheduleCurtailment, request, options);
    },
    async cancelCurtailment(curtailmentId, reason, options) {
      const request = { curtailmentId, reason };
      // A repeated cancel would answer that it is over although the first one did it.
      return caller.call(PowerServiceService.cancelCurtailment, request, options, "if-refused");
    },
    curtailments: (scope = {}, options) => listCurtailments(context, scope, options),
    async compliance(curtailmentId, options) {
      return caller.call(PowerServiceService.getCompliance, { curtailmentId }, options);
    },
  };
}
