namespace QuickStart.Tour;

/// <summary>Something is not as Freehold promises; the message says what.</summary>
internal sealed class TourFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
