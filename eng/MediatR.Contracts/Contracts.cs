namespace MediatR;

#pragma warning disable CA1040 // Markers are what MediatR calls its contracts.

public interface IBaseRequest;

public interface IRequest : IBaseRequest;

public interface IRequest<out TResponse> : IBaseRequest;

public interface IStreamRequest<out TResponse>;

public interface INotification;
