import type { SitePlan } from "@ertis/provisioning-model";
import { siteImage } from "../images/site-image.ts";
import { externalSecret } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { certificate } from "./certificates.ts";
import { managementNamespaces } from "./namespaces.ts";
import { siteHost } from "./shared-site.ts";

const namespace = managementNamespaces.database;
const name = "state-database";
const apiVersion = "postgresql.cnpg.io/v1";

/** With the tools that write backups inside. */
const stateDatabaseImage = "ghcr.io/cloudnative-pg/postgresql:17.6";

/**
 * Where the other stacks keep their state: three members on three hosts, a commit is on two of them
 * before it is confirmed, and backups go to the object store of the site.
 */
export function stateDatabaseManifests(plan: SitePlan): readonly Manifest[] {
  return [
    externalSecret({
      metadata: { name: `${name}-owner`, namespace },
      remoteKey: "management/state-database/owner",
      properties: ["username", "password"],
      type: "kubernetes.io/basic-auth",
    }),
    externalSecret({
      metadata: { name: `${name}-backup`, namespace },
      remoteKey: "management/state-database/backup",
      properties: ["access-key-id", "secret-access-key"],
    }),
    ...certificates(),
    databaseCluster(plan),
    {
      apiVersion,
      kind: "ScheduledBackup",
      metadata: { name: `${name}-daily`, namespace },
      spec: {
        cluster: { name },
        // Seconds first: at half past one in the night.
        schedule: "0 30 1 * * *",
        backupOwnerReference: "cluster",
        method: "barmanObjectStore",
        immediate: true,
      },
    },
  ];
}

function certificates(): readonly Manifest[] {
  const reload = { "cnpg.io/reload": "" };
  return [
    certificate({
      name: `${name}-server`,
      namespace,
      dnsNames: ["rw", "r", "ro"].flatMap((service) => [
        `${name}-${service}`,
        `${name}-${service}.${namespace}`,
        `${name}-${service}.${namespace}.svc`,
        `${name}-${service}.${namespace}.svc.cluster.local`,
      ]),
      usages: ["server auth"],
      secretLabels: reload,
    }),
    certificate({
      name: `${name}-replication`,
      namespace,
      commonName: "streaming_replica",
      usages: ["client auth"],
      secretLabels: reload,
    }),
  ];
}

function databaseCluster(plan: SitePlan): Manifest {
  const backupSecret = `${name}-backup`;
  return {
    apiVersion,
    kind: "Cluster",
    metadata: { name, namespace },
    spec: {
      instances: 3,
      imageName: siteImage(plan.registry, stateDatabaseImage),
      primaryUpdateStrategy: "unsupervised",
      primaryUpdateMethod: "switchover",
      enableSuperuserAccess: false,
      enablePDB: true,
      affinity: {
        enablePodAntiAffinity: true,
        podAntiAffinityType: "required",
        topologyKey: "kubernetes.io/hostname",
      },
      bootstrap: {
        initdb: {
          database: "pulumi",
          owner: "pulumi",
          dataChecksums: true,
          secret: { name: `${name}-owner` },
        },
      },
      certificates: {
        serverCASecret: `${name}-server-tls`,
        serverTLSSecret: `${name}-server-tls`,
        clientCASecret: `${name}-replication-tls`,
        replicationTLSSecret: `${name}-replication-tls`,
      },
      postgresql: {
        parameters: {
          max_connections: "200",
          shared_buffers: "512MB",
          ssl_min_protocol_version: "TLSv1.3",
        },
        // Nobody comes in without TLS and a password; local sockets are the operator's.
        pg_hba: ["hostssl pulumi pulumi all scram-sha-256"],
        synchronous: { method: "any", number: 1, dataDurability: "required" },
      },
      resources: {
        requests: { cpu: "500m", memory: "2Gi" },
        limits: { cpu: "2", memory: "2Gi" },
      },
      storage: { size: "20Gi" },
      walStorage: { size: "10Gi" },
      backup: {
        retentionPolicy: "30d",
        target: "prefer-standby",
        barmanObjectStore: {
          destinationPath: "s3://state-database/",
          endpointURL: `https://${siteHost(plan, "s3")}`,
          s3Credentials: {
            accessKeyId: { name: backupSecret, key: "access-key-id" },
            secretAccessKey: { name: backupSecret, key: "secret-access-key" },
          },
          data: { compression: "gzip" },
          wal: { compression: "gzip", maxParallel: 2 },
        },
      },
    },
  };
}
