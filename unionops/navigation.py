def navigation(request):
    return {"nav": []}
