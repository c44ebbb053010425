using Freehold;
using Hangfire;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using QuickStart;
using QuickStart.Tour;

// The tour around this application: arguments, a database and a broker to run on, and whoever sends the orders and looks at the rows.
using var tour = await Demo.PrepareAsync(args);
if (tour.ExitCode is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateSlimBuilder();
builder.ListenQuietly();

// Who the tenants are and where their data is. Who is served is named by the request header "tenant-id".
builder.Services.AddMultiTenancy(tenancy =>
{
    if (tour.Places.PostgresConnection is { } connectionString)
    {
        tenancy.UseNpgsql(connectionString)
            .IsolateBy(Isolation.Schema) // a schema per tenant
            .AddDbContext<ShopDb>(db => db.UseNpgsql(npgsql => npgsql.MigrationsAssembly("Freehold.QuickStart.Migrations.Postgres")));
    }
    else
    {
        tenancy.UseSqlite(tour.Places.SqliteDirectory) // a file per tenant
            .AddDbContext<ShopDb>(db => db.UseSqlite(sqlite => sqlite.MigrationsAssembly("Freehold.QuickStart.Migrations.Sqlite")));
    }

    tenancy.AddAspNetCore().AddOperations();
});

// HTTP (Api.cs). Users belong to a tenant and are refused in any other.
builder.Services.AddAuthentication().AddBearerToken();

// HTTP → mediator (Handlers.cs)
builder.Services.AddMediatR(mediatR => mediatR.RegisterServicesFromAssemblyContaining<Program>().AddMultiTenancy());

// mediator → bus → consumer (Consumers.cs)
builder.Services.AddMassTransit(buses =>
{
    buses.AddConsumers(typeof(Program).Assembly);
    buses.DisableUsageTelemetry(); // MassTransit reports to its makers otherwise
    if (tour.Places.Broker is { } broker)
    {
        buses.UsingRabbitMq((context, bus) =>
        {
            bus.Host(broker.Uri);
            bus.UseMultiTenancy(context);
            bus.ConfigureEndpoints(context);
        });
    }
    else
    {
        buses.UsingInMemory((context, bus) =>
        {
            bus.UseMultiTenancy(context);
            bus.ConfigureEndpoints(context);
        });
    }
});

builder.Services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = true); // a message sent earlier would be lost

// consumer → background job (Jobs.cs)
builder.Services.AddHangfire((services, hangfire) => hangfire.UseStorage(tour.Places.PostgresConnection).UseMultiTenancy(services));
builder.Services.AddHangfireServer();

#if !WITHOUT_HOTCHOCOLATE // as eng/feed finds
// GraphQL (GraphQL/): another way in, beside Api.cs. Who subscribes hears of the own tenant only.
builder.Services.AddGraphQLServer()
    .AddMultiTenancy()
    .AddQueryType<Query>()
    .AddMutationType<Mutation>()
    .AddSubscriptionType<Subscription>()
    .AddInMemorySubscriptions()
    .AddTenantTopics();
#endif

await using var app = builder.Build();
app.UseAuthentication();
app.UseMultiTenancy();
app.MapShop();
#if !WITHOUT_HOTCHOCOLATE
app.UseWebSockets();
app.MapGraphQL().AllowNoTenant(); // refuses by itself, and a socket may name its tenant after it is open
#endif

return await tour.RunAsync(app);
