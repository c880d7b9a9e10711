"""What can be wrong between us and a form at Google."""


class FormsError(RuntimeError):
    """A form cannot be read. The message says what to do; it holds no secret and no answer."""
