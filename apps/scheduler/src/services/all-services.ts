import {
  AccountServiceService,
  InfoServiceService,
  JobServiceService,
  NodeServiceService,
  PowerServiceService,
} from "@ertis/api";
import type { Server } from "@grpc/grpc-js";
import type { ServerLimits } from "../limits/limits.ts";
import { type ReceivedSubmit, SubmitDecoder } from "../mapping/received-submit.ts";
import type { ReportFailure } from "../server/calls.ts";
import { implement, type ImplementOptions } from "../server/implement.ts";
import { listAccounts, setAccounts } from "./account-service.ts";
import { changeJobs } from "./change-jobs.ts";
import type { ServiceContext } from "./context.ts";
import {
  cancelCurtailment,
  getCompliance,
  listCurtailments,
  previewCurtailment,
  scheduleCurtailment,
} from "./curtailment-service.ts";
import { explainJob, planJob } from "./explain-jobs.ts";
import { getServerInfo } from "./info-service.ts";
import { confirmNodePowerOff, cordonNode, drainNode, listNodes } from "./node-service.ts";
import { getPowerTree, listBudgets, removeBudget, setBudget } from "./power-service.ts";
import { getJob, listJobs } from "./read-jobs.ts";
import { submitJobs } from "./submit-jobs.ts";
import { WatchCounter } from "./watch-counter.ts";
import { watchJobs } from "./watch-jobs.ts";
import { watchPower } from "./watch-power.ts";

const submitPath = "/ertis.v1.JobService/SubmitJobs";

/** The service of jobs, with the submit decoder in place of the generated one. */
function withSubmitDecoder(): Omit<typeof JobServiceService, "submitJobs"> & {
  readonly submitJobs: Omit<typeof JobServiceService.submitJobs, "requestDeserialize"> & {
    readonly requestDeserialize: (bytes: Buffer) => ReceivedSubmit;
  };
} {
  const decoder = new SubmitDecoder();
  const requestDeserialize = (bytes: Buffer): ReceivedSubmit => decoder.decode(bytes);
  return {
    ...JobServiceService,
    submitJobs: { ...JobServiceService.submitJobs, requestDeserialize },
  };
}

/** Puts every service of ertis.v1 on a server. No call comes in before the context is there. */
export function addErtisServices(
  server: Server,
  contextOf: () => ServiceContext,
  limits: ServerLimits,
  {
    reportFailure,
    closing,
  }: { readonly reportFailure: ReportFailure; readonly closing: AbortSignal },
): void {
  const watches = new WatchCounter(limits.watchesPerCallerMax);
  const options = {
    bytesMaxOf: (path: string) =>
      path === submitPath ? limits.submitBytesMax : limits.messageBytesMax,
    reportFailure,
    closing,
    aroundStream: watches.counted.bind(watches),
  };
  implement(
    server,
    withSubmitDecoder(),
    {
      submitJobs: (request, person) => submitJobs(contextOf(), request, person),
      planJob: (request, person) => planJob(contextOf(), request, person),
      getJob: (request, person) => getJob(contextOf(), request, person),
      listJobs: (request, person) => listJobs(contextOf(), request, person),
      watchJobs: (request, person, out) => watchJobs(contextOf(), request, person, out),
      explainJob: (request, person) => explainJob(contextOf(), request, person),
      cancelJobs: (request, person) => changeJobs(contextOf(), "cancel-jobs", request, person),
      holdJobs: (request, person) => changeJobs(contextOf(), "hold-jobs", request, person),
      releaseJobs: (request, person) => changeJobs(contextOf(), "release-jobs", request, person),
    },
    options,
  );
  addPowerServices(server, contextOf, options);
  implement(
    server,
    NodeServiceService,
    {
      listNodes: (request) => listNodes(contextOf(), request),
      cordonNode: (request, person) => cordonNode(contextOf(), "cordon-nodes", request, person),
      uncordonNode: (request, person) => cordonNode(contextOf(), "uncordon-nodes", request, person),
      drainNode: (request, person) => drainNode(contextOf(), request, person),
      confirmNodePowerOff: (request, person) => confirmNodePowerOff(contextOf(), request, person),
    },
    options,
  );
  implement(
    server,
    InfoServiceService,
    { getServerInfo: (_request, person) => getServerInfo(contextOf(), person) },
    options,
  );
}

/** The tree, its budgets and curtailments, and the accounts that share it. */
function addPowerServices(
  server: Server,
  contextOf: () => ServiceContext,
  options: ImplementOptions,
): void {
  implement(
    server,
    PowerServiceService,
    {
      getPowerTree: (request) => getPowerTree(contextOf(), request),
      watchPower: (request, _person, out) => watchPower(contextOf(), request, out),
      setBudget: (request, person) => setBudget(contextOf(), request, person),
      listBudgets: (request) => listBudgets(contextOf(), request),
      removeBudget: (request, person) => removeBudget(contextOf(), request, person),
      previewCurtailment: (request, person) => previewCurtailment(contextOf(), request, person),
      scheduleCurtailment: (request, person) => scheduleCurtailment(contextOf(), request, person),
      cancelCurtailment: (request, person) => cancelCurtailment(contextOf(), request, person),
      listCurtailments: (request) => listCurtailments(contextOf(), request),
      getCompliance: (request) => getCompliance(contextOf(), request),
    },
    options,
  );
  implement(
    server,
    AccountServiceService,
    {
      setAccounts: (request, person) => setAccounts(contextOf(), request, person),
      listAccounts: (request) => listAccounts(contextOf(), request),
    },
    options,
  );
}
