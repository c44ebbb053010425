// Migrates all tenants with drizzle-multitenant, as its README says, and prints what it took: milliseconds, and those on a processor.
import { createMigrator, defineConfig } from 'drizzle-multitenant';

const [url, migrationsFolder, count, concurrency] = process.argv.slice(2);
const tenants = Array.from({ length: Number(count) }, (_, i) => `t${String(i).padStart(5, '0')}`);
const config = defineConfig({
  connection: { url },
  isolation: { strategy: 'schema', schemaNameTemplate: id => `tenant_${id}` },
  schemas: { tenant: {} },
});
const migrator = createMigrator(config, { migrationsFolder, tenantDiscovery: async () => tenants });

const [cpu, clock] = [process.cpuUsage(), performance.now()];
const result = await migrator.migrateAll({ concurrency: Number(concurrency) });
const [{ user, system }, milliseconds] = [process.cpuUsage(cpu), performance.now() - clock];

const failed = result.details.filter(detail => !detail.success);
console.log(JSON.stringify({
  succeeded: result.succeeded,
  error: failed[0]?.error ?? null,
  milliseconds,
  processorMilliseconds: (user + system) / 1000,
}));
