using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Hangfire;
using Hangfire.Common;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire.Signing;

/// <summary>
/// The names of a job's type and method as they are signed. Not the storage's own: how Hangfire writes a type differs between its versions
/// and with its settings, and the versions of assemblies change with each deployment.
/// </summary>
internal sealed class JobShape
{
    private static readonly ConcurrentDictionary<(Type Type, MethodInfo Method), JobShape> Known = new();
    private static readonly Type[] FilledInByTheServer = [typeof(CancellationToken), typeof(IJobCancellationToken), typeof(PerformContext)];

    private readonly string _type;
    private readonly string _method;
    private readonly bool[] _isFilledIn;

    private JobShape(Type type, MethodInfo method)
    {
        var parameters = method.GetParameters();
        var generics = method.IsGenericMethod ? $"<{string.Join<Type>(',', method.GetGenericArguments())}>" : "";
        _type = $"{type}, {type.Assembly.GetName().Name}";
        _method = $"{method.Name}{generics}({string.Join(',', parameters.Select(parameter => parameter.ParameterType))})";
        _isFilledIn = [.. parameters.Select(parameter => FilledInByTheServer.Contains(parameter.ParameterType))];
        IsPlain = parameters.All(parameter => FilledInByTheServer.Contains(parameter.ParameterType) || IsPlainType(parameter.ParameterType));
    }

    /// <summary>Whether every argument is of a type that comes back from the storage as it went, in any version of the application.</summary>
    public bool IsPlain { get; }

    public static JobShape Of(Job job) => Known.GetOrAdd((job.Type, job.Method), static key => new(key.Type, key.Method));

    /// <summary>What is signed of a plain job.</summary>
    public string?[] Bind(IReadOnlyList<object?> arguments)
    {
        string?[] bound = ["job", _type, _method, .. new string?[arguments.Count]];
        for (var i = 0; i < arguments.Count; i++)
        {
            bound[i + 3] = _isFilledIn[i] ? null : Text(arguments[i]);
        }

        return bound;
    }

    /// <summary>What is signed of any other: the text of its arguments.</summary>
    public string?[] Bind(string? arguments) => ["job", _type, _method, arguments];

    private static bool IsPlainType(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum || plain == typeof(Guid) || Type.GetTypeCode(plain) is TypeCode.String or TypeCode.Boolean or TypeCode.Char
            or (>= TypeCode.SByte and <= TypeCode.UInt64);
    }

    private static string? Text(object? argument) => argument switch
    {
        Enum value => value.ToString("D"),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => argument?.ToString(),
    };
}
