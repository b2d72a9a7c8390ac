"""A serializer of sessions as old projects have it: Django's own went with 5.0."""
import pickle


class Pickles:
    def dumps(self, obj):
        return pickle.dumps(obj, pickle.HIGHEST_PROTOCOL)

    def loads(self, data):
        return pickle.loads(data)
