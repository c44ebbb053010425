using Freehold;
using Freehold.Cli.Host;
using Spectre.Console;

AnsiConsole.WriteLine("The application prints before it builds its host.");
if (args is ["fail"])
{
    throw new InvalidOperationException("There is no setting 'Fail'.");
}

if (args is ["leave"])
{
    return 3;
}

var builder = WebApplication.CreateBuilder(args);
if (args is ["without"])
{
    builder.Services.AddMultiTenancy(tenancy => tenancy.UseNpgsql(Shop.ConnectionString).AddDbContext<ShopDb>());
}
else
{
    builder.Services.AddShop();
    builder.Services.AddHostedService<NeverStarted>();
}

var app = builder.Build();
app.Run();
return 0;
