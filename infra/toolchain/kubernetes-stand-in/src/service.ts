import type {
  sendUnaryData,
  ServerUnaryCall,
  ServiceError,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Metadata, status } from "@grpc/grpc-js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import type { AutonamingWish } from "./check.ts";
import { diffConfig } from "./diff-config.ts";
import type { ResourceDiff } from "./diff.ts";
import { toPropertyPath } from "./json.ts";
import type { PropertyChange } from "./property-diff.ts";
import { findSettingProblems } from "./provider-settings.ts";
import type { Provider, ResourceReference, ResourceStates } from "./provider.ts";
import { RefusedError } from "./resource-context.ts";
import type { OperationResult } from "./resource-context.ts";
import { fromStruct, toStruct } from "./wire-values.ts";

/** The version of the plugin that this one stands in for. */
export const standsInForVersion: string = "4.32.0";

/** Counts the calls that run, so that the process can end between them. */
export interface CallCounter {
  runningCount: number;
}

type Handler<Request, Response> = (request: Request) => Promise<Response>;

async function answer<Request, Response>(
  request: Request,
  callback: sendUnaryData<Response>,
  serving: { readonly handle: Handler<Request, Response>; readonly calls: CallCounter },
): Promise<void> {
  serving.calls.runningCount += 1;
  try {
    callback(null, await serving.handle(request));
  } catch (error) {
    callback(toServiceError(error));
  } finally {
    serving.calls.runningCount -= 1;
  }
}

/** pulumirpc.ResourceProvider on top of a provider. */
export function createService(
  provider: Provider,
  calls: CallCounter,
): UntypedServiceImplementation {
  const unary: Unary =
    (handle) =>
    (call, callback): void => {
      void answer(call.request, callback, { handle, calls });
    };
  return { ...providerMethods(provider, unary), ...resourceMethods(provider, unary) };
}

type Unary = <Request, Response>(
  handle: Handler<Request, Response>,
) => (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void;

function providerMethods(provider: Provider, unary: Unary): UntypedServiceImplementation {
  return {
    handshake: unary(handshake),
    checkConfig: unary(checkConfig),
    diffConfig: unary(diffProviderConfig),
    configure: unary(async (request: pb.ConfigureRequest) => {
      provider.configure(fromStruct(request.getArgs()));
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    cancel: unary(async () => {
      provider.cancel();
      return new emptyPb.Empty();
    }),
    attach: unary(async () => new emptyPb.Empty()),
    getPluginInfo: unary(async () => new pluginPb.PluginInfo().setVersion(standsInForVersion)),
    getSchema: unary(async () => {
      const schema = { name: "kubernetes", version: standsInForVersion, resources: {} };
      return new pb.GetSchemaResponse().setSchema(JSON.stringify(schema));
    }),
    getMapping: unary(async () => new pb.GetMappingResponse()),
    getMappings: unary(async () => new pb.GetMappingsResponse()),
    invoke: unary(async (request: pb.InvokeRequest) => refuse(`function ${request.getTok()}`)),
    call: unary(async (request: pb.CallRequest) => refuse(`method ${request.getTok()}`)),
    construct: unary(async (request: pb.ConstructRequest) =>
      refuse(`component ${request.getType()}`),
    ),
  };
}

function resourceMethods(provider: Provider, unary: Unary): UntypedServiceImplementation {
  return {
    check: unary(async (request: pb.CheckRequest) => check(provider, request)),
    diff: unary(async (request: pb.DiffRequest) =>
      toDiffResponse(await provider.diff(referenceOf(request, 0), statesOf(request))),
    ),
    create: unary(async (request: pb.CreateRequest) => {
      const reference = { urn: request.getUrn(), id: "", timeoutSeconds: request.getTimeout() };
      const inputs = fromStruct(request.getProperties());
      const result = await provider.create(reference, inputs, request.getPreview());
      assertReady(result);
      return new pb.CreateResponse().setId(result.id).setProperties(toStruct(result.outputs));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const reference = referenceOf(request, request.getTimeout());
      const result = await provider.update(reference, statesOf(request), request.getPreview());
      assertReady(result);
      return new pb.UpdateResponse().setProperties(toStruct(result.outputs));
    }),
    read: unary(async (request: pb.ReadRequest) => read(provider, request)),
    delete: unary(async (request: pb.DeleteRequest) => {
      await provider.remove(referenceOf(request, request.getTimeout()), {
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getProperties()),
        newInputs: {},
        ignoredPaths: [],
      });
      return new emptyPb.Empty();
    }),
  };
}

function statesOf(request: pb.DiffRequest | pb.UpdateRequest): ResourceStates {
  return {
    oldInputs: fromStruct(request.getOldInputs()),
    oldOutputs: fromStruct(request.getOlds()),
    newInputs: fromStruct(request.getNews()),
    ignoredPaths: request.getIgnorechangesList(),
  };
}

async function handshake(): Promise<pb.ProviderHandshakeResponse> {
  return new pb.ProviderHandshakeResponse()
    .setAcceptSecrets(true)
    .setSupportsAutonamingConfiguration(true);
}

async function refuse(what: string): Promise<never> {
  throw new RefusedError(
    `the ${what} runs inside the real kubernetes plugin; the stand-in does not have it. Make the objects in the program, or install the real plugin`,
  );
}

function referenceOf(
  request: { getUrn: () => string; getId: () => string },
  timeoutSeconds: number,
): ResourceReference {
  return { urn: request.getUrn(), id: request.getId(), timeoutSeconds };
}

async function checkConfig(request: pb.CheckRequest): Promise<pb.CheckResponse> {
  const problems = findSettingProblems(fromStruct(request.getNews()));
  const failures = problems.map((problem) => toFailure(problem.property, problem.reason));
  return new pb.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
}

function toFailure(property: string, reason: string): pb.CheckFailure {
  return new pb.CheckFailure().setProperty(property).setReason(reason);
}

async function diffProviderConfig(request: pb.DiffRequest): Promise<pb.DiffResponse> {
  const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
  const diff = await diffConfig(olds, fromStruct(request.getNews()));
  const { DiffChanges } = pb.DiffResponse;
  return new pb.DiffResponse()
    .setChanges(diff.changed.length === 0 ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME)
    .setDiffsList([...diff.changed])
    .setReplacesList([...diff.replaces]);
}

async function check(provider: Provider, request: pb.CheckRequest): Promise<pb.CheckResponse> {
  const { inputs, failures } = await provider.check({
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    autonaming: toWish(request.getAutonaming()),
  });
  return new pb.CheckResponse()
    .setInputs(toStruct(inputs))
    .setFailuresList(failures.map(({ property, reason }) => toFailure(property, reason)));
}

function toWish(
  options: pb.CheckRequest.AutonamingOptions | undefined,
): AutonamingWish | undefined {
  if (options === undefined) {
    return undefined;
  }
  const { Mode } = pb.CheckRequest.AutonamingOptions;
  const mode = options.getMode();
  const name = mode === Mode.DISABLE ? "disable" : mode === Mode.ENFORCE ? "enforce" : "propose";
  return { mode: name, proposedName: options.getProposedName() };
}

async function read(provider: Provider, request: pb.ReadRequest): Promise<pb.ReadResponse> {
  const found = await provider.read(referenceOf(request, 0), {
    id: request.getId(),
    inputs: fromStruct(request.getInputs()),
    outputs: fromStruct(request.getProperties()),
  });
  const response = new pb.ReadResponse();
  // An answer without an id says that the object is gone.
  return found === undefined
    ? response
    : response
        .setId(found.id)
        .setProperties(toStruct(found.outputs))
        .setInputs(toStruct(found.inputs));
}

const { Kind } = pb.PropertyDiff;
const kinds = {
  add: { plain: Kind.ADD, replace: Kind.ADD_REPLACE },
  delete: { plain: Kind.DELETE, replace: Kind.DELETE_REPLACE },
  update: { plain: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
} as const;

function toDiffResponse(diff: ResourceDiff): pb.DiffResponse {
  const { DiffChanges } = pb.DiffResponse;
  const isReplaced = (change: PropertyChange): boolean => diff.replaces.includes(change);
  const response = new pb.DiffResponse()
    .setChanges(diff.changes.length === 0 ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME)
    .setHasdetaileddiff(true)
    .setDeletebeforereplace(diff.isDeletedFirst)
    .setDiffsList([...new Set(diff.changes.map((change) => String(change.path[0])))])
    .setReplacesList(diff.replaces.map((change) => toPropertyPath(change.path)));
  for (const change of diff.changes) {
    const kind = kinds[change.kind][isReplaced(change) ? "replace" : "plain"];
    const detail = new pb.PropertyDiff().setKind(kind).setInputdiff(true);
    response.getDetaileddiffMap().set(toPropertyPath(change.path), detail);
  }
  return response;
}

/** Carries an object that exists but is not ready: the engine keeps it in the state with the reason. */
class NotReadyError extends Error {
  readonly result: OperationResult & { readonly kind: "not-ready" };

  constructor(result: OperationResult & { readonly kind: "not-ready" }) {
    super(result.reason);
    this.result = result;
  }
}

function assertReady(
  result: OperationResult,
): asserts result is OperationResult & { kind: "done" } {
  if (result.kind === "not-ready") {
    throw new NotReadyError(result);
  }
}

function toServiceError(error: unknown): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NotReadyError)) {
    return { code: status.UNKNOWN, details: message };
  }
  const { id, outputs, inputs, reason } = error.result;
  const detail = new pb.ErrorResourceInitFailed()
    .setId(id)
    .setProperties(toStruct(outputs))
    .setInputs(toStruct(inputs))
    .setReasonsList([reason]);
  const packed = new anyPb.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const rpcStatus = new statusPb.Status().setCode(status.UNKNOWN).setMessage(message);
  rpcStatus.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(rpcStatus.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}
