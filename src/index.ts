export type { RunRow } from './cluster/bookkeeping/run-row.js'
export { Cluster } from './cluster/cluster.js'
export type { Explanation, OpenOptions, RepositoryOptions, TransactionOptions } from './cluster/cluster.js'
export type { DatabaseHealth } from './cluster/database.js'
export { defineCluster, env, place } from './cluster/definition.js'
export type {
  ClusterDefinition,
  ClusterOptions,
  DatabaseConfig,
  EnvironmentUrl,
  PlacedMigration,
  Placement,
} from './cluster/definition.js'
export type { EntitySamples, SampleField, SampleFlaw, SamplePlace, SampleQuirk } from './cluster/entity-samples.js'
export type { PlacedEntity } from './cluster/entity.js'
export type { BulkLoadOptions, BulkLoadProgress, BulkLoadResult } from './cluster/load/bulk-load-options.js'
export type { Condition } from './cluster/read/conditions.js'
export { groupPages } from './cluster/read/row-groups.js'
export type { GroupPagesOptions, RowGroup } from './cluster/read/row-groups.js'
export { rowPages } from './cluster/read/row-pages.js'
export type { RowPagesOptions } from './cluster/read/row-pages.js'
export type { Route } from './cluster/route.js'
export type { RouteHints, Router } from './cluster/router.js'
export type { UnitOfWork } from './cluster/transaction/unit-of-work.js'
export type { Reason } from './cluster/validation/check-object.js'
export { Choice } from './columns/choice.js'
export type { ChoiceOptions } from './columns/choice.js'
export { ClockTime } from './columns/clock-time.js'
export type { ClockTimeOptions } from './columns/clock-time.js'
export { DecimalNumber } from './columns/decimal-number.js'
export type { DecimalNumberOptions } from './columns/decimal-number.js'
export { Email } from './columns/email.js'
export { CreatedAt, Instant, UpdatedAt } from './columns/instant.js'
export type { InstantOptions } from './columns/instant.js'
export { Intake } from './columns/intake.js'
export type { DateFormat, IntakeRule, NumberReading } from './columns/intake.js'
export { Money } from './columns/money.js'
export type { MoneyOptions } from './columns/money.js'
export { References } from './columns/references.js'
export type { EntityClass } from './columns/references.js'
export { Text } from './columns/text.js'
export type { TextOptions } from './columns/text.js'
export { GeneratedId, WholeNumber } from './columns/whole-number.js'
export type { WholeNumberOptions } from './columns/whole-number.js'
export { ERROR_CODES, ShardyardError } from './errors.js'
export type { ErrorCode } from './errors.js'
export { columnsFor, createTable } from './cluster/schema/portable-table.js'
export type {
  PortableCheck,
  PortableColumnOptions,
  PortableColumns,
  PortableTable,
} from './cluster/schema/portable-table.js'
export { loadDefinition } from './cluster/load-definition.js'
export type {
  GeneratorOptions,
  RecordSource,
  SimulationData,
  SourceRecord,
  StrayRecord,
} from './cluster/record-source.js'
export type { RecordLimits, SourceFormat, SourceShape } from './pipeline/formats/source-shape.js'
export { generateFile, samplesOf } from './pipeline/generate/generate-file.js'
export type { GenerateFileOptions } from './pipeline/generate/generate-file.js'
export { SampleFile } from './pipeline/generate/sample-file.js'
export type { SampleAccount } from './pipeline/generate/sample-file.js'
export type { SampleFileOptions } from './pipeline/generate/sample-options.js'
export { dryRun } from './pipeline/ingest/dry-run.js'
export type { DryFile, DryReject, DryRun } from './pipeline/ingest/dry-run.js'
export { exportRejects } from './pipeline/ingest/export-rejects.js'
export type { ExportOptions } from './pipeline/ingest/export-rejects.js'
export { ingest } from './pipeline/ingest/ingest.js'
export type { CodeCount, DatabaseAccount, FileAccount, IngestAccount } from './pipeline/ingest/ingest-account.js'
export type { EntityName, IngestEvent, IngestOptions, IngestSource } from './pipeline/ingest/ingest-options.js'
export type { Dedupe, LedgerMode } from './pipeline/ingest/ingest-plan.js'
export type { IngestReason } from './pipeline/ingest/ingest-reason.js'
export { ingestStream } from './pipeline/ingest/ingest-stream.js'
export type { StreamIngestOptions } from './pipeline/ingest/ingest-stream.js'
export type { IngestLine } from './pipeline/ingest/ledger-reader.js'
export { RecordIntake } from './pipeline/ingest/record-intake.js'
export type { GivenRecord, RecordIntakeOptions, RecordOutcome } from './pipeline/ingest/record-intake.js'
export { redriveFile, redriveRun } from './pipeline/ingest/redrive.js'
export type { RedriveFileOptions, RedriveOptions } from './pipeline/ingest/redrive.js'
export { readRejects } from './pipeline/ingest/rejects.js'
export type { Reject, RejectsOptions } from './pipeline/ingest/rejects.js'
export { traceLine, traceRow } from './pipeline/ingest/trace.js'
export type { Trace } from './pipeline/ingest/trace.js'
export { ingestJob } from './pipeline/jobs/ingest-job.js'
export type { IngestJobRequest } from './pipeline/jobs/ingest-job.js'
export { JobFiles } from './pipeline/jobs/job-files.js'
export type { JobFile } from './pipeline/jobs/job-files.js'
export { jobHandlers } from './pipeline/jobs/job-handlers.js'
export type { JobTools } from './pipeline/jobs/job-handlers.js'
export type { JobPage, JobQueue, ListOptions, NewJob, QueueOptions } from './pipeline/jobs/job-queue.js'
export { afterChildren, JobRunner } from './pipeline/jobs/job-runner.js'
export type { AfterChildren, JobContext, JobEvent, JobHandler, RunnerOptions } from './pipeline/jobs/job-runner.js'
export type { ChildRule, Claim, Job, JobError, JobProgress, JobState, Json } from './pipeline/jobs/job.js'
export type { LoadTools } from './pipeline/jobs/load-job.js'
export { openJobQueue } from './pipeline/jobs/open-queue.js'
export type { OpenQueueOptions } from './pipeline/jobs/open-queue.js'
export { redriveJob } from './pipeline/jobs/redrive-job.js'
export type { RedriveJobRequest } from './pipeline/jobs/redrive-job.js'
export { reportHandlers, reportJob } from './pipeline/jobs/report-job.js'
export type { ReportJobRequest } from './pipeline/jobs/report-job.js'
export { simulationJob } from './pipeline/jobs/simulation-job.js'
export type { SimulationJobRequest } from './pipeline/jobs/simulation-job.js'
export { checkSchema } from './pipeline/maintenance/check-schema.js'
export type { SchemaCheck } from './pipeline/maintenance/check-schema.js'
export { generateMigration } from './pipeline/maintenance/generate-migration.js'
export type { GeneratedMigration, GenerateOptions } from './pipeline/maintenance/generate-migration.js'
export { migrate } from './pipeline/maintenance/migrate.js'
export type { MigrateOptions } from './pipeline/maintenance/migrate.js'
export type { MaintenanceOptions, MigrationStep } from './pipeline/maintenance/migration-plan.js'
export { migrationStatus } from './pipeline/maintenance/migration-status.js'
export type { MigrationStatus } from './pipeline/maintenance/migration-status.js'
export type { MigrationLanguage } from './pipeline/maintenance/migration-text.js'
export { revertMigration } from './pipeline/maintenance/revert-migration.js'
export type { RevertOptions } from './pipeline/maintenance/revert-migration.js'
export type { MatchedBy, NameMatch } from './pipeline/normalise/match-names.js'
export type { NamePlan } from './pipeline/normalise/normaliser.js'
export type { ChangeCode } from './pipeline/normalise/notes.js'
export type { JoinKey, JoinValue } from './pipeline/reports/join/compare-keys.js'
export { LookUp } from './pipeline/reports/join/look-up.js'
export type { LookUpKey, LookUpOptions } from './pipeline/reports/join/look-up.js'
export { mergeJoin } from './pipeline/reports/join/merge-join.js'
export type { Joined, JoinKind, JoinSide } from './pipeline/reports/join/merge-join.js'
export { loadTemplate } from './pipeline/reports/load-template.js'
export type {
  Counts,
  EntityAccount,
  Latency,
  LedgerLine,
  Outcome,
  ReadLines,
  ReasonCount,
  RunAccount,
  ThreadAccount,
} from './pipeline/reports/run-account.js'
export { defineRollup } from './pipeline/reports/define-rollup.js'
export type { Rollup, RollupContext, RollupResult } from './pipeline/reports/define-rollup.js'
export { defineReport } from './pipeline/reports/define-report.js'
export type {
  OptionSpec,
  OptionSpecs,
  OptionsOf,
  Partitions,
  Report,
  ReportContext,
  ReportDeclaration,
} from './pipeline/reports/define-report.js'
export type {
  Block,
  Cell,
  CellFormat,
  CellKind,
  Chart,
  ChartPoint,
  Column,
  Figure,
  Figures,
  Heading,
  Paragraph,
  ReportModel,
  Row,
  Series,
  Table,
  Tone,
} from './pipeline/reports/report-model.js'
export type { ReportRequest } from './pipeline/reports/report-request.js'
export { writeReport } from './pipeline/reports/write-report.js'
export type { ReportControl, ReportProgress } from './pipeline/reports/write-report.js'
export type { ReportResult } from './pipeline/reports/write-model.js'
export type { ReportFormat } from './pipeline/reports/writers/formats.js'
export { runModel } from './pipeline/reports/run-model.js'
export type { RunModelOptions } from './pipeline/reports/simulation-model.js'
export { defineTemplate } from './pipeline/reports/template.js'
export type { ReportTemplate, TemplateOptions } from './pipeline/reports/template.js'
export { arraySource } from './pipeline/runs/array-source.js'
export { findRun } from './pipeline/runs/find-run.js'
export { loadRecords } from './pipeline/runs/load-records.js'
export type { LoadEvent, LoadOptions } from './pipeline/runs/load-options.js'
export { readRecordFile } from './pipeline/runs/read-record-file.js'
export type { KafkaSasl, KafkaStreamOptions } from './pipeline/streams/kafka-options.js'
export { openKafkaStream } from './pipeline/streams/kafka-stream.js'
export type {
  MessageStream,
  PartitionClaim,
  StreamBatch,
  StreamEvent,
  StreamMessage,
  StreamRunOptions,
  TakeBatch,
} from './pipeline/streams/message-stream.js'
export type { LoadSource, SourcePlaces } from './pipeline/uploads/load-source.js'
export type { RootedPath, Roots } from './pipeline/uploads/rooted-file.js'
export { UploadStore } from './pipeline/uploads/upload-store.js'
export type { Announced, Upload, UploadOptions } from './pipeline/uploads/upload-store.js'
export { listKeys, makeKey, revokeKey } from './pipeline/keys/keys.js'
export type { KeyScope, NewKey, ServerKey } from './pipeline/keys/keys.js'
export { createServer } from './server/create-server.js'
export type { Server } from './server/create-server.js'
export { defineServer } from './server/define-server.js'
export type {
  ConsumerSettings,
  EventSettings,
  RoutePlugin,
  ScheduleSettings,
  ServerDefinition,
  ServerSettings,
  SummarySettings,
} from './server/define-server.js'
export type { ServerContext } from './server/server-context.js'
export type { ServerOptions } from './server/server-options.js'
